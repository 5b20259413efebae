# 举报人看到的文字。称呼用“您”。

## R1 开始
start-title = 安全生产举报
start-lead = 看到、听到单位有安全生产方面的问题，可以在这里告诉我们。
start-promise = 您可以不留姓名举报。办案人员看不到您是谁。
start-what = 可以举报什么
start-elsewhere = 哪些事要找别的部门
start-elsewhere-text = 下面这些行业由其他部门负责。填写时选到它们，我们会告诉您找谁。
start-need = 需要准备什么
start-need-1 = 大约 10 分钟
start-need-2 = 单位或地点的名称，大概就行
start-need-3 = 纸和笔，用来抄回执码
start-need-4 = 照片和文件可以提交以后再加
start-go = 开始举报
start-mine = 我有回执码
start-phone = 不方便上网的，可以拨打 { $phone }。
start-notice = 举报须知

## 须知
notice-scope = 受理范围
notice-industries = 受理的行业
notice-out = 由其他部门负责的行业
notice-rights = 您的权利
notice-duties = 您的义务
notice-anonymous = 不留姓名的影响
notice-not-accepted = 有下列情形的，不予受理

## R2 开始之前
before-title = 开始之前
before-1 = 请用自己的手机或电脑，不要用单位的设备和 Wi-Fi，也不要在微信里填写。
before-2 = 最好用浏览器的无痕窗口，或者 Tor 浏览器。
before-3 = 有些输入法会把您打的字传到网上。请先在输入法设置里关闭“云联想”。
before-4 = “离开本页”会清除没提交的内容并打开天气网页，但不会删除浏览器的历史记录。
before-5 = 没提交的内容只放在服务器的内存里，{ $hours } 小时没有操作就会清除。
before-next = 知道了，继续
before-kept = 我们会保存什么

## 同意
agree-title = 举报须知
agree-text = 请读完下面的内容。
agree-next = 我已阅读，同意并继续

## R6 姓名
name-title = 要不要留下姓名？
name-nameless = 不留姓名
name-nameless-hint = 举报同样会处理。不留姓名，或者没有有效的联系方式，一般无法领取奖金。没有人能打开您的姓名，因为它不在这里。
name-sealed = 密封姓名，用来领取奖金
name-sealed-hint = 核查属实、符合条件的，可以领取奖金。只有您本人申领、{ $trustees } 位保管人同意以后，发奖部门才能打开。办案人员始终看不到，也看不到您有没有留姓名。
name-change = 提交之前可以随时改。不留姓名的，以后申领时也可以再补。
name-missing = 请选择是否留下姓名

## 地区
region-title = 事情发生在哪个地区？
region-search = 按名称查找
region-search-hint = 例如：历下区，或者：济南
region-search-go = 查找
region-found = 查找“{ $query }”的结果
region-none = 没有找到“{ $query }”。请换一个写法，或者从下面的名单里选。
region-list = 从名单里选
region-list-in = { $place }：请选下一级
region-all = 全国
region-only = 只知道在{ $place }
region-missing = 请选择地区，只知道省份也可以
region-chosen = 现在选的是：{ $place }
region-keep = 不改，继续
region-pick-hint = 点名称就会选中并继续

## R3 类型、行业
kind-title = 是哪一类问题？
kind-missing = 请选择一类，不确定就选“不确定”
industry-title = 属于哪个行业？
industry-hint = 按单位实际做的事来选
industry-in = 在这里受理
industry-out = 由其他部门负责
industry-missing = 请选择行业，不确定就选“其他工矿商贸”
elsewhere-title = 这件事由其他部门负责
elsewhere-text = { $sector }方面的问题，请向这个部门反映：
elsewhere-local = 可以拨打当地的 12345 热线，请他们转给这个部门。
elsewhere-kept = 您填写的内容还在，没有提交。如果选错了，可以重选。
elsewhere-again = 重选行业
elsewhere-law = 依据：安委〔2020〕10 号

## R4 单位和地点
place-title = 是哪个单位，在哪里？
place-target = 单位或地点的名称
place-target-hint = 不知道准确的名称，写个大概也行，例如：村东头的采石场
place-code = 统一社会信用代码
place-code-hint = 18 位，营业执照上有，不知道就空着
place-address = 具体位置
place-address-hint = 写街道、村、车间、井口都可以
target-missing = 请写单位或地点的名称，写个大概也行

## R5 经过
story-title = 发生了什么？
story-story = 您看到、听到的事
story-hint = 请写您看到、听到的事。写不全没关系，提交后还可以补充
story-point = 如果某个细节只有少数人知道，写出来可能会让人猜到您。拿不准，可以先不写。
story-when = 什么时候的事？
story-when-hint = 写“上周二夜班”这样也行
story-now = 现在的情况
story-ongoing = 现在还在继续
story-danger = 随时可能出人命
story-danger-hint = 如果有人正处在危险中，请先拨打 119 或 120
story-missing = 请写发生了什么，几句话就行
story-short = 请再写几个字，至少 { $least } 个字
too-long = 最多 { $most } 个字，请删掉 { $over } 个字
receipt-in-field = 这里面像是有回执码。为了您的安全，请不要把它写在表单里，我们没有保存这一栏

## R6b 姓名，另行密封
identity-title = 您的姓名和领奖方式
identity-lead = 这一页与举报内容分开保存。按“密封并继续”的那一刻就会加密，加密以后我们自己也打不开，所以回到这一页时是空的。
identity-server = 加密在我们的服务器上完成：提交的一瞬间，服务器的内存里有您填的内容，随后清除，不写入硬盘。
identity-name = 姓名
identity-id-kind = 证件种类
identity-id-resident = 居民身份证
identity-id-passport = 护照
identity-id-residence = 港澳台居民居住证或通行证
identity-id-other = 其他证件
identity-id-number = 证件号码
identity-mobile = 手机号码
identity-mobile-hint = 只在发奖时用，不会用来通知您
identity-payee = 怎样领取
identity-payee-person = 本人到场领取
identity-payee-account = 转到银行账户
identity-holder = 户名
identity-bank = 开户银行
identity-account = 银行卡号
identity-account-hint = 选“转到银行账户”时填写
identity-own = 您或者您的配偶、父母、子女在被举报的单位工作吗？
identity-own-hint = 内部人员举报，有的地方奖金更高
identity-own-yes = 是
identity-own-no = 不是
identity-joint = 联名举报的其他人
identity-joint-hint = 每行一个人，姓名和证件号码之间空一格，最多 { $most } 人。奖金由您领取
identity-next = 密封并继续
identity-sealed-already = 姓名已经密封。要改，请在这里重新填写全部内容；不改，请回到核对页。
identity-to-check = 不改，回到核对
error-name-missing = 请写姓名
error-name-length = 姓名的长度请在 { $least } 到 { $most } 个字之间
error-id-kind = 请选择证件种类
error-id-missing = 请写证件号码
error-id-length = 证件号码的长度请在 { $least } 到 { $most } 位之间
error-id-check = 请对照证件再看一遍号码，有一位对不上
error-mobile = 请写 11 位手机号码
error-payee = 请选择怎样领取
error-holder = 请写户名
error-bank = 请写开户银行
error-account = 请写银行卡号，只写数字
error-account-check = 请对照银行卡再看一遍号码。确认没有错，再按一次“密封并继续”
error-own = 请选择是或者不是
error-joint-line = 第 { $line } 行请写姓名和证件号码，中间空一格
error-joint-many = 最多写 { $most } 人
error-identity-long = 这一页写的内容太多，密封不下，请缩短

## R7 核对
check-title = 核对后提交
check-not-sent = 您的举报还没有提交。请核对后点“提交举报”。
check-change = 修改
check-name = 姓名
check-name-sealed = 已填写，已密封
check-region = 地区
check-kind = 类型
check-industry = 行业
check-target = 单位或地点
check-code = 信用代码
check-code-warn = 校验位对不上，请对照营业执照看一下，不改也可以提交
check-address = 具体位置
check-story = 经过
check-when = 时间
check-now = 现在的情况
check-none = 没有填写
check-send = 提交举报
check-after = 提交以后会给您回执码。照片和文件在下一步添加。

## R8 回执
receipt-title = 举报已收到，请抄下回执码
receipt-saved = 举报已收到并保存。请在 { $day }以后回来，看我们是否受理。
receipt-how = 这是您的回执码。请抄在纸上，最好不要截图。丢了就无法查询，我们也无法找回。
receipt-once = 只在这次访问里显示。离开以后就看不到了。
receipt-check = 核对回执码
receipt-check-label = 请输入回执码的最后 4 位
receipt-check-hint = 看看抄对了没有
receipt-check-wrong = 和上面的最后 4 位不一样，请对照一下再输
receipt-next = 我抄好了
receipt-skip = 跳过核对
receipt-done-title = 回执码已经收起来了
receipt-done-text = 为了您的安全，回执码不再显示。举报已经保存好了。
receipt-done-next = 查看我的举报

## R10 文件
files-title = 添加照片或文件
files-saved = 举报文字已经保存好了。照片和文件可以现在加，也可以以后用回执码回来加。
files-limits = 一次传一个文件，一共最多 { $most } 个。照片每个最大 { $image } MB，视频、录音和文档每个最大 { $other } MB。
files-minutes = 网速慢时，{ $mb } MB 可能要 { $minutes } 分钟。上传时请不要离开本页。
files-originals = 原件会加密，只有发奖部门和保管人在办案确有需要时才能一起打开。
files-picture = 照片会另做一份副本给办案人员看，副本里的拍摄时间、地点和机型已经去掉。画面本身不会改，请看看画面里有没有会让人认出您的东西。
files-others = 视频、录音和文档不做副本，办案人员只知道有这个文件。
files-label = 选择一个文件
files-copy = 给办案人员一份去掉拍摄信息的副本
files-copy-hint = 只对 JPEG、PNG、WebP、GIF 照片有效
files-add = 上传这个文件
files-list = 已经保存的文件
files-none = 还没有文件。
files-full = 已经有 { $most } 个文件，不能再加了。
files-finish = 完成
files-error-none = 请先选择一个文件，再点“上传这个文件”
files-error-big = 这个文件太大，没有保存。最大 { $mb } MB，请选小一点的文件
files-error-type = 这种文件我们收不了，没有保存。可以选这些：{ $types }
files-error-broken = 文件没有传完，没有保存。请再选一次，之前的文件都在
files-error-slow = 太久没有收到数据，文件没有保存。请再选一次，之前的文件都在
files-error-picture = 这张照片打不开，没有保存。请换一张，或者去掉“给办案人员一份副本”再传
files-error-full = 文件个数已经满了，没有保存
files-error-store = 暂时存不下，这个文件没有保存。请过几分钟再传，之前的文件都在
files-added = 文件已经保存

## R11 我的举报
mine-sign-title = 查看我的举报
mine-receipt = 回执码
mine-receipt-hint = 32 位数字，空格和横线都没关系
mine-sign-go = 查看
mine-unknown = 没有找到这个回执码。请对照纸上的内容再输一次，空格和横线都没关系。
mine-slow = 试的次数有点多，这一次要等 { $seconds } 秒才有结果。
mine-title = 我的举报
mine-status = 现在的状态
mine-next-supplement = 请在 { $day }前补充。
mine-next-conclude = 最晚 { $day }会有核查结果。
mine-next-reply = 核查已经做完，最晚 { $day }会答复您。
mine-next-objection = 对结果有意见，可以在 { $day }前告诉我们。
mine-next-danger = 您说随时可能出人命，我们最晚 { $day }开始处理。
mine-reward = 奖金
mine-reward-none = 现在没有可以领取的奖金。核查属实、符合条件的，会在这里通知您。
mine-reward-pending = 奖金正在审批中。
mine-reward-claim = 可以领取奖金：{ $amount }。请在 { $day }前申领，过期视为放弃。
mine-reward-claim-go = 申领奖金
mine-reward-claimed = 您已经申领。现在等保管人同意、发奖部门核对。
mine-reward-paid = 奖金已发放。
mine-reward-refused = 奖金没有发放，原因是：{ $reason }。有意见可以在下面留言。
mine-reward-lapsed = 申领时间已经过了。
mine-messages = 留言
mine-no-messages = 还没有留言。
mine-from-us = 我们
mine-from-you = 您
mine-reply = 答复
mine-reply-findings = 核查情况
mine-reply-handling = 处理决定
mine-reply-reward-met = 符合奖励条件。
mine-reply-reward-not = 不符合奖励条件。
mine-declined = 我们没有受理这件举报，原因是：{ $reason }。
mine-history = 经过
mine-content = 您提交的内容
mine-added = 您补充的内容
mine-add = 补充或留言
mine-add-label = 想补充什么，或者有什么要告诉我们？
mine-add-hint = 不要写姓名、电话和回执码，办案人员会看到这段文字
mine-add-go = 提交补充
mine-add-missing = 请写要补充的内容
mine-add-done = 补充的内容已经收到并保存。
mine-add-full = 补充的次数已经满了，这一次没有保存。
mine-files = 照片和文件
mine-files-go = 添加照片或文件
mine-files-count = 已保存 { $count } 个文件。
mine-log = 查看记录
mine-log-text = 每次打开密封的姓名或原件，都会先写进公开的记录。
mine-log-none = 到今天为止，您的姓名和原件没有被打开过。
mine-log-opened = 您的姓名或原件被打开过 { $count } 次：
mine-log-check = 提交记录在第 { $leaf } 条，已经在公开的记录里。
mine-log-unreadable = 现在读不到公开的记录，请过一会儿再看。
mine-withdraw-go = 撤回举报
mine-sign-out = 看完了，退出
mine-moved-not = 这一步现在不能做，可能状态刚刚变了。内容没有保存，请看看下面的最新状态。
mine-anew = 从头再看一遍
event-submitted = 收到举报
event-accept = 决定受理
event-decline = 决定不受理
event-ask_supplement = 请您补充
event-assign = 安排人员核查
event-begin = 开始核查
event-grant_extension = 核查时间延长
event-conclude = 核查结束
event-reply = 答复
event-close = 办结
event-say = 留言
event-add = 您补充了内容
event-attach = 您添加了文件
event-withdraw = 您撤回了举报

withdraw-title = 撤回举报
withdraw-text = 撤回以后，这件举报不再处理，也不能领取奖金。已经保存的内容会按规定的时间保存，然后销毁。撤回不能取消。
withdraw-go = 撤回这件举报
withdraw-stay = 不撤回，返回
withdraw-done = 举报已经撤回。

## R12 申领
claim-title = 申领奖金
claim-amount = 金额：{ $amount }
claim-how = 怎样算出来的
claim-until = 最后一天：{ $day }
claim-sees = 发奖部门会看到：您在下面填写的内容、金额和案件编号。办案人员看不到。
claim-uplift = 内部人员等情况会在核对身份以后再加算。
claim-receipt = 请再输一次回执码
claim-receipt-hint = 证明是您本人申领
claim-who = 领取人
claim-who-before = 用举报时密封的姓名和领取方式
claim-who-before-hint = 举报时没有留姓名的，请选下面一项
claim-who-now = 现在填写
claim-who-now-hint = 填好后马上密封，和举报时的写法不一样的，会请您当面说明
claim-go = 申领
claim-receipt-wrong = 和这件举报的回执码不一样，请对照纸上的内容再输一次
claim-who-missing = 请选择一项
claim-done-title = 已经申领
claim-done-text = 申领已经收到并保存。保管人同意、发奖部门核对以后，会在“我的举报”里告诉您结果。
claim-done-next = 查看我的举报

## R13 其他情况
ended-title = 这次填写已经结束
ended-text = 为了您的安全，{ $hours } 小时没有操作，没提交的内容已经清除。提交过的举报不受影响。如果刚刚开始就看到这一页，请检查浏览器是否允许本网站使用 Cookie。
ended-next = 重新开始
signed-out-title = 请输入回执码
signed-out-text = 这次查看已经结束，或者还没有输入回执码。提交过的举报不受影响。
signed-out-next = 输入回执码
out-title = 已经退出
out-text = 回执码和举报内容已经从这次访问里清除，浏览器的历史记录需要您自己删除。
out-next = 回到开始
busy-title = 现在人太多
busy-text = 这一步没有保存，之前填写的还在。请过一两分钟，按浏览器的返回键再提交一次。
busy-next = 回到上一步
store-title = 暂时存不下
store-text = 我们这边出了问题，举报没有提交，填写的内容还在。请过几分钟再点一次“提交举报”，急事请拨打 { $phone }。
store-next = 回到核对
left-title = 已清除

## 帮助
help-title = 帮助
help-phone-title = 不会用、不方便用这个网站
help-phone-text = 请拨打 { $phone }，说清楚要举报安全生产问题。
help-danger-title = 有人正处在危险中
help-danger-text = 请先拨打 119 或 120，再回来举报。
help-code-title = 回执码丢了
help-code-text = 没有回执码，谁也查不到您的举报，我们也不能。举报仍然会处理。可以再举报一次，说明以前举报过。
help-name-title = 谁能看到我的姓名
help-name-text = 没有留姓名的，没有人能看到。密封了姓名的，只有您本人申领奖金、{ $trustees } 位保管人同意以后，发奖部门才能打开。每次打开都会先写进公开的记录，您可以用回执码查到。
help-kept = 我们会保存什么

kept-title = 我们会保存什么
kept-saved = 提交以后保存的
kept-saved-1 = 您写的举报内容，加密保存，办案人员可以看到
kept-saved-2 = 一个密封的信封，每件举报都有，大小一样。留了姓名的在里面，没有留的里面是空的，从外面看不出来
kept-saved-3 = 照片和文件的原件，加密保存
kept-saved-4 = 收到的日期，不记时间
kept-not = 不保存的
kept-not-1 = IP 地址和浏览器的信息
kept-not-2 = 回执码本身，只保存一个可以核对它的数字
kept-not-3 = 没有提交的草稿，它只在内存里，{ $hours } 小时没有操作就清除
kept-cannot = 我们做不到的
kept-cannot-1 = 姓名在服务器上加密：提交的一瞬间，服务器能看到它
kept-cannot-2 = 您写的细节、照片的画面，可能会让人猜到您
kept-cannot-3 = 您的网络和单位的设备可能记下您来过这里，要躲开它们，请用 Tor 浏览器
kept-cannot-4 = 发奖部门和 { $trustees } 位保管人如果串通，可以打开信封，但会在公开的记录里留下痕迹

count-near = 已写 { $count } 个字，最多 { $most } 个字
error-too-long = 最多 { $most } 个字
files-one = 文件 { $n }
files-is-copy = 已加密保存，办案人员可以看副本
files-is-sealed = 已加密保存，没有副本
size-1m = 不到 1 MB
size-10m = 1 到 10 MB
size-100m = 10 到 100 MB
size-more = 100 MB 以上
ground-no-name = 密封的内容里没有姓名
ground-excluded-person = 有安全管理或监管职责的人员及其近亲属不在奖励范围内
ground-not-the-reporter = 来领取的人和密封的姓名不一致
ground-monthly-cap = 这个月的奖金已经到了上限
ground-not-collected = 没有按时领取
ground-other = 不符合发放条件
mine-next-accept = 最晚 { $day }决定是否受理，请在那以后回来看。
mine-log-files = 打开原件，作为证据
mine-log-identity = 打开姓名，用来发奖
mine-log-unknown = 打开
mine-log-line = { $day }：{ $what }
explained = { $article }：{ $text }
files-copy-legend = 给办案人员的副本
mine-log-soon = 提交记录是第 { $leaf } 条，正在写进公开的记录，过几分钟可以查到。
claim-now = 选“现在填写”的，请填下面的内容
not-stored = 暂时存不下，这一次没有保存，写的内容还在这里。请过几分钟再按一次
mine-next-late = 原定最晚 { $day }，现在已经超过了。可以在下面留言，或者打举报电话问。
