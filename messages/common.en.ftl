# Words used everywhere.
service-portal = Reporting service
service-console = Case desk
service-office = Reward office
skip = Skip to main content
back = Back
leave = Leave this page
leave-hint = Clears what you have not sent, opens a weather page
help = Help and telephone
staff-footer = Everything you look at or do here is recorded.
sign-out = Sign out
signed-in-until = signed in until { $time }, longer while you work
signed-in-at-most = signed in until { $time } at most
nav-label = Main menu
optional = (optional)
error-prefix = Error: { "" }
errors-headline = { $count ->
    [one] There is { $count } problem
   *[other] There are { $count } problems
  }
date-year = Year
date-month = Month
date-day = Day

form-too-large-title = That is too long
form-too-large-text = What you sent at once is over the limit. This part was not saved; what you filled in before is still here. Press your browser's back button, shorten it and send it again.
form-too-large-next = Go to the start
form-not-text-title = We cannot read that
form-not-text-text = What was sent holds data that is not text. This part was not saved; what you filled in before is still here. Press your browser's back button, type it again and send it.
form-not-text-next = Go to the start
form-not-a-form-title = We cannot read that
form-not-a-form-text = What was sent is not one of this site's forms. It was not saved. Please fill it in on the page.
form-not-a-form-next = Go to the start
form-broken-title = The connection broke
form-broken-text = Not everything arrived. This part was not saved; what you filled in before is still here. Press your browser's back button and send it once more.
form-broken-next = Go to the start
not-found-title = There is no such page
not-found-text = The address may be missing a few letters, or the page is gone. What you filled in is not affected.
not-found-next = Go to the start
down-title = The service is interrupted
down-text = Something went wrong on our side. This last step was not saved; what you filled in before is still here. Try again in a few minutes. If it is urgent, use the telephone line.
down-next = Go to the start
continue = Continue

## Where a report stands, in the same words everywhere
status-received = Received
status-being-considered = Being considered
status-need-more = We need more from you
status-being-investigated = Being investigated
status-finished-confirmed = Finished: confirmed
status-finished-partly = Finished: partly confirmed
status-finished-not-confirmed = Finished: not confirmed
status-not-taken-forward = Not taken forward
status-under-review = Under review
status-passed-on = Passed to another department
status-withdrawn = Withdrawn

## Figures, for leaders and for the public

figures-title = Figures
figures-public-title = Reports in figures
figures-about = Cases by the year they came in. Numbers below { $smallest } are not shown, nor others from which they could be worked out.
figures-public-about = Only years that are over. Numbers below { $smallest } are not shown, nor others from which they could be worked out, so that no figure points at a report.
figures-no-year = There are too few cases yet to show figures.
figures-no-finished-year = There is no finished year to show yet.
figures-too-few = Not shown: none, or fewer than { $smallest }, or others could be worked out from it. Choose another region or year.
figures-total = { $count } in all
figures-as-table = The same as a table
figures-csv = Download this as a table (CSV)
figures-years = Years
figures-year = Year
figures-region = Region
figures-all-regions = All regions
figures-what = What
figures-count = Number
figures-not-shown = not shown
figures-none-shown = No number can be shown.
figures-most = Most: { $name }, { $count }.
figures-rest = All others
figures-other = Not stated more closely
figures-month = Month { $month }
figures-by-region = By region
figures-by-industry = By industry
figures-by-kind = By kind of matter
figures-by-month = By month
figures-by-state = By status now
figures-by-accepted = Decided in time whether to take it up
figures-by-concluded = Concluded and replied in time
figures-by-overdue = Overdue now
figures-pace-in-time = In time
figures-pace-late = Late
figures-pace-waiting = Not yet
figures-pace-none = Ended without it
figures-overdue = Overdue
figures-not-overdue = Not overdue

full-house-title = Too many people at once
full-house-text = You were not let in this time, and nothing was sent. If you were filling something in, press your browser's back button: what you filled in before is still here. Please try again in a minute.
full-house-next = Try again
