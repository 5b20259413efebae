# What reporters read.

## R1 Start
start-title = Report a safety problem at work
start-lead = If you have seen or heard of a safety problem at a workplace, you can tell us here.
start-promise = You can report without giving your name. The people who investigate cannot see who you are.
start-what = What you can report
start-elsewhere = What goes to another office
start-elsewhere-text = Other offices are responsible for these. If you choose one while filling in the form, we tell you whom to ask.
start-need = What you need
start-need-1 = About 10 minutes
start-need-2 = The name of the employer or place, roughly
start-need-3 = Pen and paper, to write down your receipt code
start-need-4 = Photos and files can be added after sending
start-go = Start a report
start-mine = I have a receipt code
start-phone = If you cannot use this website, call { $phone }.
start-notice = Notice to reporters

## Notice
notice-scope = What we take
notice-industries = Industries we cover
notice-out = Industries other offices cover
notice-rights = Your rights
notice-duties = Your duties
notice-anonymous = If you give no name
notice-not-accepted = We do not take a report forward if

## R2 Before you start
before-title = Before you start
before-1 = Use your own phone or computer. Do not use your employer's device or Wi-Fi, and do not fill this in inside WeChat.
before-2 = A private window is better, or Tor Browser.
before-3 = Some keyboard apps send what you type to the internet. Turn off "cloud suggestions" in the keyboard settings first.
before-4 = "Leave this page" clears what you have not sent and opens a weather page. It does not delete your browser history.
before-5 = What you have not sent is held in the server's memory only, and cleared after { $hours } hours without activity.
before-next = I understand, continue
before-kept = What we keep

## Agree
agree-title = Notice to reporters
agree-text = Please read this to the end.
agree-next = I have read this and agree

## R6 Name
name-title = Do you want to give your name?
name-nameless = Stay nameless
name-nameless-hint = Your report is handled just the same. Without a name, or without a way to reach you, a reward can hardly be paid. Nobody can open your name, because it is not here.
name-sealed = Seal my name for a reward
name-sealed-hint = If your report is confirmed and meets the conditions, you can receive a reward. The reward office can open your name only after you claim it yourself and { $trustees } trustees agree. The people who investigate never see it, nor whether you gave one.
name-change = You can change this until you send the report. If you stay nameless now, you can still give a name when you claim.
name-missing = Choose whether to give your name

## Region
region-title = Where did it happen?
region-search = Search by name
region-search-hint = Names are in Chinese, for example: 历下区
region-search-go = Search
region-found = Results for "{ $query }"
region-none = Nothing found for "{ $query }". Try another spelling, or choose from the list below.
region-list = Choose from the list
region-list-in = { $place }: choose the next level
region-all = Whole country
region-only = I only know it is in { $place }
region-missing = Choose a region. The province alone is enough
region-chosen = Chosen now: { $place }
region-keep = Keep this and continue
region-pick-hint = Choosing a name selects it and continues

## R3 Kind and industry
kind-title = What kind of problem is it?
kind-missing = Choose one. If you are not sure, choose "Not sure"
industry-title = Which industry is it?
industry-hint = Go by what the place actually does
industry-in = Handled here
industry-out = Handled by other offices
industry-missing = Choose an industry. If you are not sure, choose "Other industry and trade"
elsewhere-title = Another office is responsible for this
elsewhere-text = { $sector }: please report this to the office below.
elsewhere-local = You can call the local 12345 line and ask them to pass it on.
elsewhere-kept = What you filled in is still here and has not been sent. If you chose this by mistake, choose again.
elsewhere-again = Choose the industry again
elsewhere-law = Source: State Council Work Safety Commission document (2020) No. 10

## R4 Who and where
place-title = Which employer, and where?
place-target = Name of the employer or place
place-target-hint = If you do not know the exact name, describe it, for example: the quarry east of the village
place-code = Unified social credit code
place-code-hint = 18 characters, on the business licence. Leave it empty if you do not know it
place-address = Where exactly
place-address-hint = A street, village, workshop or shaft is fine
target-missing = Write the name of the employer or place. A description is fine

## R5 What happened
story-title = What happened?
story-story = What you saw or heard
story-hint = Write what you saw or heard. It does not have to be complete. You can add more later
story-point = If only a few people know a detail, it may point to you. If you are unsure, leave it out for now.
story-when = When was it?
story-when-hint = "Last Tuesday's night shift" is fine
story-now = How things are now
story-ongoing = It is still going on
story-danger = Somebody could be killed at any moment
story-danger-hint = If people are in danger right now, call 119 or 120 first
story-missing = Write what happened. A few sentences are enough
story-short = Write a little more, at least { $least } characters
too-long = At most { $most } characters fit. Please remove { $over }
receipt-in-field = This looks like a receipt code. For your safety, do not write it into a form. We have not kept this field

## R6b Identity, sealed apart
identity-title = Your name and how to be paid
identity-lead = This page is kept apart from your report. It is encrypted the moment you choose "Seal and continue". After that we cannot open it ourselves, so this page is empty when you come back to it.
identity-server = The encryption is done on our server: for the moment of sending, what you typed is in the server's memory. It is then wiped and never written to disk.
identity-name = Full name
identity-id-kind = Kind of ID
identity-id-resident = Resident identity card
identity-id-passport = Passport
identity-id-residence = Hong Kong, Macao or Taiwan residence or travel permit
identity-id-other = Another document
identity-id-number = ID number
identity-mobile = Mobile number
identity-mobile-hint = Used only when paying the reward, never to notify you
identity-payee = How to be paid
identity-payee-person = Collect in person
identity-payee-account = Transfer to a bank account
identity-holder = Account holder
identity-bank = Bank and branch
identity-account = Account number
identity-account-hint = Fill this in if you chose a transfer
identity-own = Do you, your spouse, a parent or a child work for the employer you report?
identity-own-hint = Some places pay insiders more
identity-own-yes = Yes
identity-own-no = No
identity-joint = Others who sign this report with you
identity-joint-hint = One person a line: name, a space, ID number. At most { $most } people. You collect the reward
identity-next = Seal and continue
identity-sealed-already = A name is sealed already. To change it, fill in everything again here. To keep it, go back to the check page.
identity-to-check = Keep it, back to the check page
error-name-missing = Write your full name
error-name-length = A name has { $least } to { $most } characters
error-id-kind = Choose the kind of ID
error-id-missing = Write the ID number
error-id-length = An ID number has { $least } to { $most } characters
error-id-check = Check the number against the card. One digit does not fit
error-mobile = Write the 11 digits of a mobile number
error-payee = Choose how to be paid
error-holder = Write the name of the account holder
error-bank = Write the name of the bank
error-account = Write the account number, digits only
error-account-check = Check the number against the card. If it is right, choose "Seal and continue" once more
error-own = Choose yes or no
error-joint-line = In line { $line }, write a name and an ID number with a space between
error-joint-many = At most { $most } people can sign with you
error-identity-long = This is more than fits into the seal. Please shorten it

## R7 Check
check-title = Check and send
check-not-sent = Your report has not been sent yet. Check it, then choose "Send report".
check-change = Change
check-name = Name
check-name-sealed = Filled in, sealed
check-region = Region
check-kind = Kind
check-industry = Industry
check-target = Employer or place
check-code = Credit code
check-code-warn = The last character does not fit. Compare it with the business licence. You can send it as it is
check-address = Where exactly
check-story = What happened
check-when = When
check-now = How things are now
check-none = Not filled in
check-send = Send report
check-after = You get a receipt code after sending. Photos and files come in the next step.

## R8 Receipt
receipt-title = Report received: write down your code
receipt-saved = We have received and saved your report. Come back after { $day } to see whether we are taking it forward.
receipt-how = This is your receipt code. Write it on paper; it is safer not to take a screenshot. If you lose it you cannot check your report, and we cannot recover it.
receipt-once = It is shown during this visit only. Once you leave, it is gone.
receipt-check = Check the code
receipt-check-label = Type the last 4 digits of the code
receipt-check-hint = To see that you copied it correctly
receipt-check-wrong = These are not the last 4 digits above. Compare and type them again
receipt-next = I have written it down
receipt-skip = Skip the check
receipt-done-title = The receipt code is put away
receipt-done-text = For your safety the code is no longer shown. Your report is saved.
receipt-done-next = See my report

## R10 Files
files-title = Add photos or files
files-saved = Your written report is already saved. You can add photos and files now, or come back later with your receipt code.
files-limits = One file at a time, { $most } in all. Photos up to { $image } MB each; videos, recordings and documents up to { $other } MB each.
files-minutes = On a slow connection, { $mb } MB can take { $minutes } minutes. Please stay on this page while it uploads.
files-originals = Originals are encrypted. They can be opened only by the reward office and the trustees together, when an investigation needs them.
files-picture = Of a photo we make a copy for the people who investigate, without the time, place and device it was taken with. The picture itself is not changed: look whether something in it could point to you.
files-others = Videos, recordings and documents are not copied. The people who investigate only know that there is a file.
files-label = Choose one file
files-copy = Give the people who investigate a copy without the camera's data
files-copy-hint = For JPEG, PNG, WebP and GIF pictures
files-add = Upload this file
files-list = Files saved so far
files-none = No files yet.
files-full = There are { $most } files already. No more can be added.
files-finish = Finish
files-error-none = Choose a file first, then choose "Upload this file"
files-error-big = This file is too large and was not saved. The limit is { $mb } MB. Choose a smaller one
files-error-type = We cannot take this type of file, and it was not saved. Choose one of these: { $types }
files-error-broken = The file did not arrive whole and was not saved. Choose it again. Earlier files are safe
files-error-slow = No data came for too long, and the file was not saved. Choose it again. Earlier files are safe
files-error-picture = This picture cannot be opened and was not saved. Choose another, or upload it without the copy
files-error-full = The number of files is used up, and this one was not saved
files-error-store = There is no room just now, and this file was not saved. Try again in a few minutes. Earlier files are safe
files-added = The file is saved

## R11 My report
mine-sign-title = See my report
mine-receipt = Receipt code
mine-receipt-hint = 32 digits. Spaces and dashes do not matter
mine-sign-go = See it
mine-unknown = We cannot find that receipt code. Check it against your note and try again. Spaces and dashes do not matter.
mine-slow = There have been many tries. This one takes { $seconds } seconds.
mine-title = My report
mine-status = Status now
mine-next-supplement = Please add to it by { $day }.
mine-next-conclude = There will be a result by { $day } at the latest.
mine-next-reply = The investigation is done. You will have our reply by { $day } at the latest.
mine-next-objection = If you disagree with the result, tell us by { $day }.
mine-next-danger = You said that somebody could be killed. We start on it by { $day } at the latest.
mine-reward = Reward
mine-reward-none = There is no reward to collect now. If your report is confirmed and meets the conditions, you will read it here.
mine-reward-pending = The reward is being approved.
mine-reward-claim = You can collect a reward: { $amount }. Claim it by { $day }; after that it counts as waived.
mine-reward-claim-go = Claim the reward
mine-reward-claimed = You have claimed. Now the trustees have to agree and the reward office checks.
mine-reward-paid = The reward has been paid.
mine-reward-refused = The reward was not paid. Reason: { $reason }. If you disagree, write to us below.
mine-reward-lapsed = The time to claim is over.
mine-messages = Messages
mine-message-sealed = Sealed. Only your receipt code opens it.
mine-message-broken = This message cannot be opened.
mine-read-about = What we write to you is sealed. To read it on this page, type your receipt code once more: the server opens it for this one request and keeps neither the code nor the words.
mine-read-label = Receipt code, to open the messages
mine-read-go = Read messages on this page: the server opens them for this one request
mine-read-done = The messages are shown this once. After you leave this page, your receipt code is needed again.
mine-no-messages = No messages yet.
mine-from-us = Us
mine-from-you = You
mine-reply = Our reply
mine-reply-findings = What we found
mine-reply-handling = What was decided
mine-reply-reward-met = The conditions for a reward are met.
mine-reply-reward-not = The conditions for a reward are not met.
mine-declined = We are not taking this report forward. Reason: { $reason }.
mine-history = History
mine-content = What you sent
mine-added = What you added
mine-add = Add to it, or write to us
mine-add-label = What would you like to add or tell us?
mine-add-hint = Do not write your name, telephone number or receipt code: the people who investigate read this
mine-add-go = Send this
mine-add-missing = Write what you want to add
mine-add-done = What you added is received and saved.
mine-add-full = No more can be added to this report. This was not saved.
mine-files = Photos and files
mine-files-go = Add photos or files
mine-files-count = { $count ->
    [one] { $count } file is saved.
   *[other] { $count } files are saved.
  }
mine-log = Openings on record
mine-log-text = Every opening of a sealed name or original is written to a public log first.
mine-log-none = Up to today your name and originals have not been opened.
mine-log-opened = { $count ->
    [one] Your name or originals have been opened once:
   *[other] Your name or originals have been opened { $count } times:
  }
mine-log-check = Your report is entry { $leaf } of the public log.
mine-log-unreadable = The public log cannot be read just now. Please look again later.
mine-withdraw-go = Withdraw my report
mine-sign-out = Done, sign out
mine-moved-not = This is not possible now; the status may just have changed. Nothing was saved. See the latest status below.
mine-anew = Look again
event-submitted = Report received
event-accept = Taken forward
event-decline = Not taken forward
event-ask_supplement = We asked you for more
event-assign = Given to an investigator
event-begin = Investigation begun
event-grant_extension = Time to investigate extended
event-conclude = Investigation finished
event-reply = Reply
event-close = Closed
event-say = Message
event-add = You added to it
event-attach = You added a file
event-withdraw = You withdrew the report

withdraw-title = Withdraw my report
withdraw-text = After that the report is no longer worked on, and no reward can be claimed. What is saved is kept for the time the rules say and then destroyed. Withdrawing cannot be undone.
withdraw-go = Withdraw this report
withdraw-stay = Keep it and go back
withdraw-done = Your report is withdrawn.

## R12 Claim
claim-title = Claim the reward
claim-amount = Amount: { $amount }
claim-how = How it was worked out
claim-until = Last day: { $day }
claim-sees = The reward office will see what you fill in below, the amount and the case number. The people who investigate will not.
claim-uplift = An extra for insiders and the like is added after your identity is checked.
claim-receipt = Type your receipt code once more
claim-receipt-hint = It proves that it is you who claims
claim-who = Who collects
claim-who-before = The name and way of payment I sealed with the report
claim-who-before-hint = If you gave no name then, choose the next one
claim-who-now = Fill it in now
claim-who-now-hint = It is sealed at once. If it differs from what you sealed before, you will be asked to explain in person
claim-go = Claim
claim-receipt-wrong = This is not the receipt code of this report. Check it against your note and try again
claim-who-missing = Choose one
claim-done-title = Claimed
claim-done-text = Your claim is received and saved. After the trustees agree and the reward office has checked, you will read the outcome under "My report".
claim-done-next = See my report

## R13 Other states
ended-title = This visit has ended
ended-text = For your safety we cleared what you had not sent, because nothing happened for { $hours } hours. Reports you already sent are safe. If you see this right at the start, check that your browser allows cookies for this site.
ended-next = Start again
signed-out-title = Please type your receipt code
signed-out-text = This visit has ended, or no receipt code was typed yet. Reports you already sent are safe.
signed-out-next = Type the receipt code
out-title = You are signed out
out-text = The receipt code and your report are cleared from this visit. Your browser history is for you to delete.
out-next = Go to the start
crowded-title = Too many people just now
crowded-text = All places for filling in a report or reading one are taken. We do not push out what others are writing. Nothing was begun, and reports you already sent are safe. Please try again in a few minutes. If it is urgent, call { $phone }.
crowded-next = Go to the start
receipt-waits-title = A receipt code is waiting here
receipt-waits-text = A report was sent from this browser, and its receipt code was not put away yet. Without the code nobody can read the report again. If it is yours, write the code down first. If it is not yours, choose "Leave this page".
receipt-waits-next = Show the receipt code
foreign-title = This did not come from our pages
foreign-text = Another website sent this in your name, or your browser hides which page it comes from. Nothing was done. If you meant to do it, open our start page and go on from there.
foreign-next = Go to the start
busy-title = Too many people just now
busy-text = This step was not saved; what you filled in before is still here. In a minute or two, press your browser's back button and send it again.
busy-next = Back to the step before
store-title = It cannot be saved just now
store-text = Something went wrong on our side. Your report was not sent; what you filled in is still here. Choose "Send report" again in a few minutes. If it is urgent, call { $phone }.
store-next = Back to the check page
left-title = Cleared

## Help
help-title = Help
help-phone-title = If you cannot use this website
help-phone-text = Call { $phone } and say that you want to report a safety problem at work.
help-danger-title = If people are in danger right now
help-danger-text = Call 119 or 120 first, then come back to report.
help-code-title = If you lost the receipt code
help-code-text = Without it nobody can find your report for you, and neither can we. The report is still handled. You can report again and say that you reported before.
help-name-title = Who can see my name
help-name-text = If you gave none, nobody. If you sealed it, the reward office can open it only after you claim a reward yourself and { $trustees } trustees agree. Every opening is written to a public log first, and you can find it there with your receipt code.
help-kept = What we keep

kept-title = What we keep
kept-saved = Kept after you send
kept-saved-1 = What you wrote about the matter, encrypted; the people who investigate can read it
kept-saved-2 = One sealed envelope of the same size for every report. It holds your name if you gave one and nothing if you did not; from outside nobody can tell
kept-saved-3 = The originals of your photos and files, encrypted
kept-saved-4 = The day it was received, not the time
kept-not = Not kept
kept-not-1 = IP addresses and details of your browser
kept-not-2 = The receipt code itself; only a number that lets us check it
kept-not-3 = Drafts you did not send. They are in memory only, for { $hours } hours without activity
kept-cannot = What we cannot do
kept-cannot-1 = Names are encrypted on our server: for the moment of sending, the server sees them
kept-cannot-2 = Details you write, and what a photo shows, may point to you
kept-cannot-3 = Your network or your employer's device may record that you were here. To avoid that, use Tor Browser
kept-cannot-4 = The reward office and { $trustees } trustees acting together could open an envelope. It would leave a mark in the public log

count-near = { $count } characters so far, at most { $most }
error-too-long = At most { $most } characters
files-one = File { $n }
files-is-copy = encrypted and saved; the people who investigate can see a copy
files-is-sealed = encrypted and saved; no copy
size-1m = under 1 MB
size-10m = 1 to 10 MB
size-100m = 10 to 100 MB
size-more = over 100 MB
ground-no-name = what was sealed holds no name
ground-excluded-person = people with safety management or supervision duties and their close relatives are not rewarded
ground-not-the-reporter = the person who came is not the one who was sealed
ground-monthly-cap = the limit for this month is used up
ground-not-collected = it was not collected in time
ground-other = the conditions for payment are not met
mine-next-accept = We decide by { $day } whether to take it forward. Come back after that.
mine-log-files = originals opened, as evidence
mine-log-identity = name opened, to pay the reward
mine-log-unknown = opened
mine-log-line = { $day }: { $what }
explained = { $article }: { $text }
files-copy-legend = Copy for the people who investigate
mine-log-soon = Your report is entry { $leaf }. It appears in the public log in a few minutes.
claim-now = Only if you chose "Fill it in now"
not-stored = It cannot be saved just now. What you wrote is still here. Try again in a few minutes
mine-next-late = This was due by { $day } and is late. You can write to us below, or ask by telephone.

## Sealed on the reporter's own device
device-lead = Your name, your receipt code and your files are encrypted on this device before anything is sent. Our server never sees them.
device-waiting = The script of this page does the encryption. If no button to send appears here within a few seconds, your browser does not run it.
device-plain = Continue without script: encrypted on our server
device-plain-hint = On that way the server holds your name and receipt code in memory for a moment, before it encrypts them. They are never written to disk.
device-identity-lead = What you fill in here is encrypted on this device when you send. The people who investigate never see it. It is not kept if you leave this page.
device-stay-nameless = Stay nameless instead
device-change-name = Change what is sealed
device-choose = Choose
device-whom = Whom is it sealed to?
device-whom-text = To the reward office, and it opens only together with the trustees. This is the fingerprint of their keys. It is also printed on the notices of this service; compare it if you can.
device-busy-title = Encrypting and sending
device-loading = Checking the keys
device-sealing = Encrypting on this device. On an old phone this can take half a minute. Please stay on this page.
device-sending = Sending. Please stay on this page.
device-sending-again = The connection broke. Trying again in { $seconds } seconds. Please stay on this page.
device-stopped = Your report could not be encrypted on this device.
device-nothing-sent = Nothing was sent. What you filled in is still here.
device-set-refused = The keys this page was given are not the ones it is bound to, so nothing can be encrypted safely. Please do not go on here; call the telephone line and say so.
device-crypto = This browser lacks the encryption this page needs. Try another browser, or continue without script: then our server encrypts.
device-offline = There is no connection just now. Check it and try again.
device-server = The server did not take it. Try again in a few minutes.
device-leave = This page holds what you have not sent. If you leave, it is gone.
device-receipt-once = The code was made on this device and our server does not know it. It is shown on this page only.
receipt-proof = If you stay nameless, this code is all that proves that you are the one who reported.
device-keep = Other ways to keep the code
device-keep-text = A saved file leaves a trace on this device, which others may find. Paper is safer.
device-keep-save = Save it as a text file
device-receipt-file = note.txt
device-unreadable-title = This could not be read
device-unreadable-text = What arrived is not in the form this service expects. Nothing was saved. Load the page again and try once more.
device-unreadable-next = Go to the start
device-unfinished-title = A question is still open
device-unfinished-text = Nothing was sent. Go back, answer the question that is still open, and send again.
device-unfinished-next = Go on
device-misshapen-title = It was not encrypted as it should be
device-misshapen-text = What arrived does not have the shape every report has, and was not saved. Load the page again and try once more. If it happens again, call the telephone line.
device-misshapen-next = Go to the start
device-old-set-title = The keys have changed meanwhile
device-old-set-text = Nothing was saved. Load this page again; what you wrote about the matter is still here.
device-old-set-next = Load the page again

again-title = Your report was sent
again-saved = Your report has arrived and is saved.
again-lost = Its receipt code was on the page you had open. It was made on your device; we do not have it and cannot show it again.
again-have = I have written the code down
again-not = If you did not write it down
again-not-text = You can send the same report once more and get a new code. The first one is then withdrawn. A name has to be filled in again.
again-go = Send it once more

## Coming back, on the reporter's own device
return-lead = Your receipt code stays on this device. Our server gets only what it needs to find your report and to check that you hold the code.
return-waiting = If no box for the code appears here within a few seconds, your browser does not run the script of this page.
return-plain = Continue without script
return-plain-hint = On that way you send the code itself to our server. It holds it in memory for a moment and does not keep it.
return-name = Give your name now, or change it (sealed)
return-name-text = Fill this in to have your name sealed with what you send. It is encrypted on this device. From outside nobody can tell whether a name went along. If it differs from what you sealed before, you will be asked to explain in person. Write a line above as well.
return-name-done = What you added is received and saved, and your name went along under seal.
return-refresh = Look again
return-changed = Something has changed. Choose "Look again".
return-not-opened = (This message cannot be opened with your receipt code.)
return-offline = Read our messages without this website
return-offline-text = Save them as files and open them with the free program age and your key: age -d -i key.txt 1.age. Whoever has the key can read our messages to you. It cannot be used to find your report or to claim.
return-offline-save = Save our messages as files
return-offline-key = Show the key
return-scan = Check the public log on this device
return-claim-sees = What you fill in below is encrypted on this device. The reward office will see it, with the amount and the case number. The people who investigate will not.
return-out = The receipt code and your report are cleared from this page and from our server's memory. Your browser history is for you to delete.
device-unknown-title = Not found
device-unknown-text = We cannot find that receipt code. Check it against your note and try again. Spaces and dashes do not matter.
device-unknown-next = Type it again
device-mend-title = Please change this
device-mend-text = { $why }
device-mend-next = Back
device-moved-title = This is not possible now
device-moved-text = The status may just have changed. Nothing was saved. Choose "Look again" to see the latest status.
device-moved-next = Look again
device-full-title = No more can be added
device-full-text = No more can be added to this report. This was not saved.
device-full-next = Look again
device-not-stored-title = It cannot be saved just now
device-not-stored-text = Something went wrong on our side. What you wrote is still here. Try again in a few minutes. If it is urgent, call { $phone }.
device-not-stored-next = Back
