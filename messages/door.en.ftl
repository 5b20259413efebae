# Who is let in, and how accounts change.
door-roles-apart-title = This account holds two roles that must be different people
door-roles-apart-text = Nobody acts with both. You were signed out; an administrator can take one of them away.
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
person-hand-to = Give them to
person-hand-to-error = Choose who goes on with these cases
person-hand-about = You see none of their content. The history of each case names you and the colleague.
person-hand-button = Hand over all of these cases
person-done-changed = Saved. This person is signed out everywhere.
person-done-sessions = This person is signed out everywhere.
person-done-handed = All open cases were handed over.
person-done-left = Some cases could not be handed over: the colleague belongs to another body, or somebody else has changed them. They are listed below.
person-done-last = Nothing was changed: this is the last administrator in use. Make another one first.
person-done-apart = Nothing was changed: this account holds two roles that must be different people. Change its roles first.
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
