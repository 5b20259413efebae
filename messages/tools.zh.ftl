# 命令行工具的文字。
verify-prompt = 回执码（输入时不显示）：
verify-log = 日志完整：共 { $count } 条，与已签名的检查点一致。
verify-first-time = 这台电脑第一次查看这份日志。今后如果日志被改写，会发现。
verify-continues = 上次看到的 { $count } 条都还在，没有改动。
verify-led-to = 日志的签名密钥已更换：由您给出的密钥可以接续到 { $key }，现由它签名。这台电脑已记住。
verify-received = 您的举报自 { $day }起已记入日志。
verify-passed-on = { $day }，举报人换取了自己的回执码，工作人员签发的这个随即失效；以后的记录在新回执码名下。
verify-not-found = 日志里没有与这个回执码对应的记录。
verify-openings =
    { $count ->
        [0] 密封信封从未被打开。
       *[other] 公告过 { $count } 次打开：
    }
verify-opening-identity = - { $day }：打开姓名和账户，用于发放奖励
verify-opening-files = - { $day }：打开原始文件，用作证据（不含姓名）
verify-asked = - { $day }：申请打开一个原件（{ $name }），举报人得到告知
verify-stopped = - { $day }：举报人阻止了打开（{ $name }）
verify-ended = - { $day }：打开原件的申请结束（{ $name }）
verify-joined = - { $day }：原件的一个副本交给了办案人员（{ $name }）
verify-untold = 有一次打开原件之前，日志里没有告知举报人。请要求解释。
verify-opening-unreadable = - 有一条记录无法读取。请要求说明。
verify-not-whole = 这份举报的记录有缺号、重号或无法读取的内容。请要求说明。
verify-scripts = 页面脚本最近一次公布是在 { $day }（第 { $number } 次）。/scripts.json 的 SHA-256 应为 { $digest }。
verify-shares = 旧名册的份额曾分批重新拆分：开始 { $begun } 批，完成 { $finished } 批，放弃 { $given } 批。旧密钥：{ $destroyed } 位保管人声明已经销毁。
