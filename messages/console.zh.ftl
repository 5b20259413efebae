# 办案台的文字。
sign-in-title = 登录
sign-in-name = 登录名
sign-in-password = 密码
sign-in-code = 动态验证码
sign-in-code-hint = 手机验证器上的 6 位数字
sign-in-button = 登录
sign-in-wrong = 登录名、密码或动态验证码不对，请重新填写
sign-in-wait = 连续多次没有登录成功，请过 { $minutes } 分钟再试
sign-in-over = 您有一段时间没有操作，已经退出登录。没提交的内容没有保存。
door-next = 回到首页
door-not-permitted-title = 您的岗位不能打开这一页
door-not-permitted-text = 这一页由其他岗位使用。需要时请联系系统管理员调整岗位。
door-token-title = 这张表单已经过期
door-token-text = 表单不是从本次登录的页面提交的，没有做任何改动。请回到首页重新打开。
door-down-title = 系统暂时中断
door-down-text = 刚才这一步没有保存。请过几分钟再试。
