# Who is let in, and how accounts change.
door-roles-apart-title = This account holds two roles that must be different people
door-roles-apart-text = Nobody acts with both. You were signed out; an administrator can take one of them away.
door-clock = The server's clock says { $says }, which does not fit { $known }, the newest day it knows. Until whoever runs the server has looked at it, days are counted on from that one; compare important dates with a calendar.
door-clock-record = Another part of this service has recorded { $says } as today; here it is { $known }. Until whoever runs the server has looked at it, nothing runs out; compare important dates with a calendar.
door-clock-unread = What this service has recorded of the day cannot be read; its clock says { $known }. Until whoever runs the server has looked at it, nothing runs out; compare important dates with a calendar.
door-clock-unrecorded = This service could not record { $known }, the day of this machine's clock. Until it is recorded, nothing runs out; compare important dates with a calendar.
prove-title = Show that it is you
prove-about = This step weighs much. Your last proof is older than { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}: please give your password and a new one-time code.
prove-kept = What you filled in is kept and goes on by itself. Files and passwords must be chosen and typed again.
prove-code-hint = The 6 digits your authenticator app shows now; one that was used already does not count
prove-wrong = The password or the code does not match. Please type them again
prove-button = Go on
person-change = Change name, roles or body
person-change-title = Change { $name }
person-change-about = Takes effect at once: this person is signed out everywhere and comes back with what you set here. An approver who is none any more loses the signing key.
person-change-button = Save
person-changed-meanwhile = Somebody else has changed this account since. Compare it, then save again
person-sign-out = Sign this person out everywhere
person-holds = Still with this person
person-holds-nothing = No open cases and no vote that waits for others.
person-cases = { $count ->
    [one] 1 open case
   *[other] { $count } open cases
}
person-votes = { $count ->
    [one] Has approved 1 award that waits for others:
   *[other] Has approved { $count } awards that wait for others:
}
person-elsewhere = There is more with bodies outside yours. The administrators there see it and hand it over.
person-hand-to = Give them to
person-hand-to-error = Choose who goes on with these cases
person-hand-about = You see none of their content. The history of each case names you and the colleague.
person-hand-button = Hand over all of these cases
person-done-changed = Saved. This person is signed out everywhere.
person-done-sessions = This person is signed out everywhere.
person-done-handed = All open cases were handed over.
person-not-left = Some cases could not be handed over: the colleague belongs to another body, or somebody else has changed them. They are listed below.
person-not-last = Nothing was changed: this is the last administrator in use. Make another one first.
person-not-apart = Nothing was changed: this account holds two roles that must be different people. Change its roles first.
me-sessions = Where I am signed in
me-sessions-about = If a device is lost, or you are not sure that you have signed out somewhere.
me-leave-everywhere = Sign me out everywhere
trail-account-changed = Changed the account { $account }
trail-account-signed-out = Ended all sessions of the account { $account }
trail-account-handed-over = Handed over the open cases of { $account }
trail-account-password = Changed the own password
trail-account-key = Made a signing key
done-reassign = Handed over
done-reassign-to = Handed over to { $name }
passkey-title = Passkeys
passkey-sign-in = Sign in with a passkey
passkey-prove = Prove it with a passkey
prove-password = Or with password and one-time code
passkey-noscript = A passkey needs script, which is off in this browser. Use password and one-time code: they do the same.
passkey-none = Passkeys do not work at this address or in this browser. Use password and one-time code, or open this page by the name it has been set up under.
passkey-not-given = No passkey was given. Try again, or use password and one-time code.
passkey-down = The system did not answer. Load this page again; if it asks who you are, answer that first.
passkey-refused = This passkey does not let you in here. Use password and one-time code
passkey-me-about = A passkey stands for password and one-time code together: your device asks for your finger, face or PIN. Make one on each of your devices. Password and code go on working.
passkey-add = Add a passkey
passkey-about = Your device asks for your finger, face or PIN and keeps the passkey; this system gets its public half only.
passkey-name = Name of this passkey
passkey-name-hint = So that you find it again, for example the device it is on
passkey-name-error = Give it a name of 1 to 40 characters
passkey-make = Make the passkey
passkey-not-made = The passkey was not made. Please try again
passkey-too-many = You have 10 passkeys. Remove one first
passkey-remove = Remove { $name }
passkey-added = The passkey was added. You can sign in with it now.
passkey-removed = The passkey was removed, and you are signed out everywhere else.
trail-account-joined = Joined the account { $account } to a person of the sign-on
trail-account-passkey-added = Added a passkey
trail-account-passkey-removed = Removed a passkey
sso-title = Single sign-on
sso-sign-in = Sign in through your organisation
sso-prove = Prove it through your organisation
sso-local = Sign in here
sso-go-title = On to your organisation's sign-on
sso-go-text = It asks you again who you are, and leads back here. What you filled in waits for you.
sso-back-title = Your organisation has signed you in
sso-back-text = One step more, and you are in.
sso-unknown-title = This sign-on belongs to no account in use here
sso-unknown-text = Your organisation knows you, but no account here is joined to you. Give an administrator this:
sso-down-title = Your organisation's sign-on does not answer
sso-down-text = Nothing was changed. Try again later, or sign in here with password and one-time code or a passkey.
sso-not-begun-title = This sign-on has expired
sso-not-begun-text = It took too long, was used already, or was begun in another browser. Please begin again.
sso-declined-title = Your organisation did not sign you in
sso-declined-text = It gave no permission, or you broke off. Nothing was changed.
sso-too-weak-title = This proof is not enough
sso-too-weak-text = Your organisation did not ask you for what is demanded here, or answered for somebody else. Please begin again, or prove it with password and one-time code.
sso-token-title = Your organisation's answer does not hold
sso-token-text = It could not be checked, so it was not taken. Nothing was changed. Tell whoever runs this system if it happens again.
prove-done-title = Thank you, it is you
prove-done-text = What you filled in has waited. Send it now.
person-subject = Who this person is to the sign-on
person-subject-hint = Exactly as the provider names them; this person reads it when they first try to come that way
person-done-joined = Saved. This person is signed out everywhere.
person-not-taken = Nothing was changed: another account is joined to this person of the sign-on.
person-not-long = Nothing was changed: a provider names people by at most 255 characters.
