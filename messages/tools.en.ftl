# Words of the command-line tools.
verify-prompt = Receipt (not shown while typing):{" "}
verify-log = The log is intact: { $count } entries, and they add up to the signed checkpoint.
verify-first-time = This computer had not seen this log before. From now on it will notice if the log is rewritten.
verify-continues = It keeps all { $count } entries this computer saw last time.
verify-led-to = The log's key was changed. The one you gave leads to { $key }, which signs it now. This computer remembers that.
verify-received = Your report has been in the log since { $day }.
verify-passed-on = On { $day } a receipt of the reporter's own took over from this one, which staff had issued: what happened since stands under that one.
verify-not-found = The log holds no entry for this receipt.
verify-openings =
    { $count ->
        [0] The sealed envelope has never been opened.
        [one] An opening was announced once:
       *[other] Openings were announced { $count } times:
    }
verify-opening-identity = - { $day }: name and account, to pay the reward
verify-opening-files = - { $day }: original files, as evidence (not the name)
verify-asked = - { $day }: the opening of an original was asked for ({ $name }), and its reporter told
verify-stopped = - { $day }: the reporter stopped the opening ({ $name })
verify-ended = - { $day }: the request to open an original ended ({ $name })
verify-joined = - { $day }: a copy of an original was given to the people who investigate ({ $name })
verify-untold = An original was opened without an entry that told its reporter first. Ask for an explanation.
verify-opening-unreadable = - an entry that cannot be read. Ask for an explanation.
verify-not-whole = This report's entries have a gap, a repetition or an unreadable one. Ask for an explanation.
verify-scripts = The pages' scripts were last announced on { $day } (no. { $number }). The SHA-256 of /scripts.json must be { $digest }.
verify-shares = Shares of earlier recipient sets were split again, in batches: { $begun } begun, { $finished } finished, { $given } given up. Old keys whose holders say that they are destroyed: { $destroyed }.
