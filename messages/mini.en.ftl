# The mini-program's own words. All others are the portal's: portal.en.ftl.

tab-report = Report
tab-progress = Progress
tab-notice = Notice

mini-leave = Leave
mini-leave-hint = clears what is not sent and closes
mini-lapsed = For your safety we cleared what you had not sent and the report that was open, because nobody used this for a long time or it was off the screen for more than 5 minutes. Reports you already sent are safe.
mini-safer = Reporting in your phone's browser, at the address below, leaves fewer traces than inside WeChat. It is the same report, sealed in the same way:
mini-sees-go = What WeChat can see
mini-before-device = Use your own phone. Do not use your employer's phone or Wi-Fi.
mini-before-wechat = WeChat knows that you have opened this mini-program. If it should not, use a browser and open this address:
mini-before-leave = "Leave" clears what you have not sent and closes the mini-program. WeChat's list of recent mini-programs still shows it: press on it for a while to remove it.
mini-before-memory = What you have not sent is in this phone's memory only. Nothing goes out before you send. It is cleared when nobody uses it for 30 minutes, or when it is off the screen for more than 5 minutes.
mini-identity-lead = What you fill in here is in this phone's memory only. It is encrypted on this phone when you send it, and the people who investigate cannot see it. It is gone when you leave the mini-program.
mini-name-here = Filled in; sealed on this phone when you send
mini-no-randomness = WeChat on this phone does not give the random numbers that sealing needs; it may be too old. Update WeChat, or open our address in a browser.
mini-file-opened = Opened on this phone. When you leave "My report", the temporary file is deleted. It is best to open it without a network: some documents tell their sender that they were opened.
mini-file-not-shown = This kind of file cannot be opened inside WeChat. Open our address in a browser and use your receipt code there.
mini-documents = To download a document, open our address in a browser and use your receipt code there.

mini-kept-here = You asked this phone to remember a receipt code. Whoever can unlock this phone and open WeChat can use it to see the report.
mini-kept-use = Use the code that ends in { $last }
mini-kept-forget = Delete the code that ends in { $last } from this phone
mini-kept-not = What you have not sent: it is in this phone's memory only
mini-keep = Let this phone remember the receipt code
mini-keep-text = The code will be in WeChat's storage. Whoever can unlock this phone and open WeChat can use it to see the report. Paper is safer.
mini-keep-go = I understand, remember the code
mini-keep-done = This phone remembers the receipt code. You can delete it under "Progress".

mini-sees-title = What WeChat can see
mini-sees-lead = This mini-program has no log-in. It asks for no phone number, picture, location or album permission, and does not read your WeChat account. But it runs inside WeChat, and what WeChat itself sees is not in our hands.
mini-sees-yes = What WeChat can see
mini-sees-yes-1 = That your WeChat account opened this mini-program and which of the tabs "Report", "Progress" and "Notice", when, and for how long
mini-sees-yes-2 = When the mini-program connected to our server, to which of its addresses, and how much was sent and received. From that it can be guessed whether you sent a report or only looked around
mini-sees-yes-3 = Which files you picked from the album or a chat. WeChat keeps a temporary copy of a picked file on the phone
mini-sees-yes-4 = The WeChat app could read everything inside a mini-program, the words you are typing included. We have not found that it does, and we cannot prove that it does not
mini-sees-yes-5 = The name of this mini-program stays in WeChat's list of recent ones
mini-sees-no = What the mini-program does not hand to WeChat
mini-sees-no-1 = Your name and original files: they are encrypted on this phone before they are sent. The receipt code is not sent. What you write about the matter is not kept in WeChat: with copies of photos it goes straight to our server over an encrypted line, where the people who investigate can see it
mini-sees-no-2 = Who you are: we do not ask WeChat, and WeChat does not tell us
mini-sees-no-3 = Notifications: we never send you a message through WeChat. To see how things stand, open it yourself
mini-sees-instead = A safer way
mini-sees-instead-text = Open the address below in the browser of your own phone. The questions and the steps are the same, and WeChat knows nothing of it. It is best not to tap on it inside WeChat: write the address down and type it into the browser:
mini-out = This report and its receipt code have been cleared from the mini-program's memory, and our server was told to clear this visit. You need to clear WeChat's list of recent mini-programs yourself.
mini-out-kept = { $count ->
    [one] The receipt code that you asked this phone to remember is still there. You can delete it under "Progress".
   *[other] The { $count } receipt codes that you asked this phone to remember are still there. You can delete them under "Progress".
}
mini-out-draft = The report that you are writing and have not sent is still in this phone's memory, and you can go on with it. If you do not want to keep it, choose "Leave" above.
mini-finish-said = Your files are done. To see how things stand, enter your receipt code.

mini-files-pictures = Choose photos or videos
mini-files-chat = Choose files from a chat
mini-files-picture = Photo or video { $n }
mini-files-stay = Please stay on this page while uploading, and keep the screen on. When the network drops, it goes on by itself from where it stopped. If you leave the mini-program, choose unfinished files again.
mini-files-busy = Some files are still being sent. If you finish now, they are not saved. To finish all the same, choose "Finish" again.
mini-files-type = We cannot take this kind of file, and it was not saved. Choose a photo, a video, a sound recording or a common document
mini-files-cannot = This file could not be encrypted on this phone, and it was not saved. Try again, or open our address in a browser and add files there with your receipt code
mini-yuan = CN¥{ $amount }
mini-visit-over = This visit has ended, and this last step was not saved. Try again, or enter the receipt code again. Reports you already sent are safe.
