# Views, many cases at once, keys, reminders: what makes the day's work quick.

views-title = Saved views
views-manage = Manage views
views-about = A view is a list of cases under a name. Your own are yours alone; a team's are everybody's in your body, and its owner answers for it.
views-empty = You have no views of your own yet. Filter the list of cases, then choose "Keep as a view".
view-mine = Mine, by deadline
view-unassigned = Unassigned
view-waiting = Waiting for the reporter
view-overdue = Overdue
view-word = New word from the reporter
view-name = Name of the view
view-name-hint = No names of people and no places: your team may read it
view-name-error = Write a name of 1 to { $most } characters
view-too-many = You have as many views as one person can have. Remove one first
view-team = Also for my team
view-keep-title = Keep these filters as a view
view-keep = Keep as a view
view-kept = the view is kept.
view-removed = The view is gone. The cases in it are as they were.
view-changed = Changed.
view-asks = What it shows
view-asks-nothing = Every case
view-whose = Whose
view-of-team = Team
view-do = What you can do
view-share = Share with the team
view-unshare = Keep to myself
view-remove = Remove
view-take = Take over: its owner has left

bulk-title = With the cases ticked
bulk-choose = Choose
bulk-all = All { $count } that match, not only those ticked
bulk-assign = Assign
bulk-begin = Begin verifying
bulk-mark-read = Mark as read
bulk-do-assign = Assign these
bulk-do-begin = Begin these
bulk-do-mark-read = Mark these as read
bulk-look = Show what can go to this colleague
bulk-nothing = Tick the cases you mean
bulk-will = { $count ->
    [one] 1 case will be done
   *[other] { $count } cases will be done
 }
bulk-will-none = None.
bulk-wont = { $count ->
    [one] 1 case is left out
   *[other] { $count } cases are left out
 }
bulk-why = Why
bulk-why-unknown = There is no case you can see under this number
bulk-why-changed = Somebody has changed it since
bulk-why-body = The colleague does not see cases of the body that handles it
bulk-why-same = The colleague has it already
bulk-why-state = Not possible while it stands where it is
bulk-why-owner = Only its owner can do this
bulk-why-read = Nothing new from the reporter
bulk-why-not-permitted = Not yours to do
bulk-most = Reporters read nothing of this. At most { $most } cases at once.
bulk-told = { $count ->
    [one] Done: 1 case
   *[other] Done: { $count } cases
 }
bulk-told-done = { $count ->
    [one] 1 case was done and saved. This is how it stands now.
   *[other] { $count } cases were done and saved. This is how they stand now.
 }
bulk-told-left = { $count ->
    [one] 1 case was left as it is
   *[other] { $count } cases were left as they are
 }
bulk-told-why = They were left out, or somebody changed them in the same moment. Open them one by one.
bulk-back = Back to the list

move-mark-read = Mark the reporter's word as read
about-mark-read = For a word that needs no answer: it leaves the list of new words. The reporter is told nothing.
done-mark-read = The reporter's word was read

nav-late = Late and near
late-title = Late cases, and those that end soon
late-about = You see number, kind, place, deadline and owner; what a case says is for those who work on it. A last day that has passed is recorded in the case when you are told, and again when the body above is.
late-none = None.
late-more = And { $count } more.
first-escalated = Late, and told to you
first-today = Must be done today
first-near = Ends within the next working days
first-new = New since { $day }
first-nothing = Nothing is waiting for you. A quiet morning.
task-lapse = { $count ->
    [one] 1 award was not claimed in time
   *[other] { $count } awards were not claimed in time
 }
task-roster = Your signing key is not yet on the list of approvers: give the public key to the reward office
task-release-until = The first of these ends on { $day }
task-trail-new = Since { $day }: { $count } entries in the record, by { $people } people
task-trail-accounts = { $count ->
    [one] 1 change of an account
   *[other] { $count } changes of accounts
 }
task-trail-out = { $count ->
    [one] 1 copy, original, sheet, package or export that went out
   *[other] { $count } copies, originals, sheets, packages and exports that went out
 }
task-trail-search = { $count ->
    [one] 1 search through cases
   *[other] { $count } searches through cases
 }
task-leaver = { $name } is disabled and still has cases: hand them over
task-first-password = { $count ->
    [one] 1 person has not signed in with the first password yet
   *[other] { $count } people have not signed in with the first password yet
 }
task-systems = { $count ->
    [one] 1 token of another system waits for you to confirm it
   *[other] { $count } tokens of other systems wait for you to confirm them
 }
task-no-body = { $name } belongs to a body that the policy does not know, and sees nothing
task-roles-apart = { $name } holds two roles that must be different people, and cannot work
task-only-administrator = You are the only administrator: make another account, so that nobody is locked out
filter-due = Ends
filter-due-today = Today
filter-due-near = Within { $near } working days
filter-new = News
filter-new-1 = New since the working day before
filter-late = Told upwards
filter-late-1 = Late and told upwards
done-escalate = Told upwards
done-escalate-head = Not done in time ({ $which } { $by }): the head of the body was told
done-escalate-above = Not done in time ({ $which } { $by }): the head of the body above was told

staff-help = Help
help-deadlines = Deadlines and their signs
help-overdue = The last day has passed. Where it is the reporter's own time that has passed, nothing is marked: the next step is free.
help-sign-soon = Soon
help-sign-coming = Before long
help-soon = { $days } days or fewer are left
help-session = How long you stay signed in
help-session-text = The line beside your name says until when. { $minutes } minutes without a page opened or sent end the session. What you have filled in is usually not lost by it: within three days send it as usual, sign in on the page that comes, as the same person, and send it once more from there. Where that is not possible, for example after the system was restarted, the page shows what you filled in, to be copied; an older browser does not show it, and it may be lost. Files and passwords are chosen and typed again.
keys-title = Keys
keys-about = Off until you turn them on, and only for your account. No key decides, sends, opens or pays; everything a key does has a link or a box too. They do nothing while you are typing.
keys-are-on = The keys are on.
keys-are-off = The keys are off.
keys-turn-on = Turn the keys on
keys-turn-off = Turn the keys off
keys-now-on = The keys are on now.
keys-now-off = The keys are off now.
keys-caption = What each key does
keys-key = Key
keys-does = What it does
key-down = To the next row of a list
key-up = To the row before
key-tick = Tick the row, or untick it
key-search = To the search box
key-back = Back, as the link above the page
key-today = To today's work (one after the other)
key-cases = To the list of cases
key-views = To the saved views, from the list of cases
key-help = To this page

search-read = Searched: number and target of every case, and the texts of the newest { $count }.
search-read-all = Searched: number, target and texts of every case you may open.
search-more = Search the texts of more cases
