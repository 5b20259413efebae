# Words of the console.
sign-in-title = Sign in
sign-in-name = Log-in name
sign-in-password = Password
sign-in-code = One-time code
sign-in-code-hint = The 6 digits your authenticator app shows
sign-in-button = Sign in
sign-in-wrong = The name, the password or the code does not match. Please type them again
sign-in-wait = Several sign-ins in a row did not succeed. Please try again in { $minutes } minutes
sign-in-over = You were signed out because nothing happened for a while. What you had not sent was not saved.
door-next = Go to the first page
door-not-permitted-title = Your role does not open this page
door-not-permitted-text = Another role uses this page. If you need it, ask an administrator to change your roles.
door-token-title = This form has expired
door-token-text = The form was not sent from a page of this session. Nothing was changed. Please open it again from the first page.
door-down-title = The system is not available
door-down-text = This step was not saved. Please try again in a few minutes.
