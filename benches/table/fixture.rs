//! Reports to measure with: keys drawn on the spot, the same story in each.

use jiff::ToSpan;
use mifeng::{
    casework::{Case, CaseContent, Deadlines, Rules, State},
    cleartext::{
        identity::SealedBy,
        seal::{Binding, Whom, seal_report},
    },
    clock::{Day, SystemClock},
    envelope::SealedReport,
    ids::{Instance, ReportId, StaffId},
    policy::{MatterKind, Policy, RepeatRules},
    receipt::Receipt,
    recipients::{Office, RecipientSet, Trustee, UntrustedSet},
    signing::SigningKey,
    store::{
        Month, Store, Submission, at_rest::RootKeys, engine::Engine, retention::RetentionKeys,
        sled::SledEngine,
    },
};
use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

pub const INSTANCE: &str = "bench";
/// Parts of stories of ordinary length, 400 characters: put together differently for each report, for a store in which all
/// say the same is no store, and repeats are looked for by wording.
const PLACES: [&str; 12] = [
    "三号井东翼",
    "二车间西侧",
    "储罐区北门",
    "掘进工作面",
    "皮带运输巷",
    "配电房后面",
    "烘干车间",
    "尾矿库坝顶",
    "装卸平台",
    "地下一层仓库",
    "锅炉房",
    "回风巷口",
];
const FAULTS: [&str; 16] = [
    "瓦斯探头被纸板遮住",
    "安全阀铅封已经打开",
    "消防通道堆满了货",
    "支护间距明显超过规定",
    "没有动火票就开始焊接",
    "防爆开关的盖子一直敞着",
    "报警之后没有人撤离",
    "通风机停了将近两个小时",
    "作业人员没有佩戴自救器",
    "特种作业证是借来的",
    "原料和成品混放在一起",
    "压力表从去年起就坏了",
    "巡查记录是事后补写的",
    "下面的人不知道有危险",
    "排水泵只剩下一台能用",
    "起重机的限位器被拆掉",
];
const TIMES: [&str; 8] = [
    "上周二夜班",
    "国庆节之后",
    "每天早上交班时",
    "月底检查之前",
    "下雨的那几天",
    "从九月起",
    "昨天下午",
    "前天凌晨",
];
const NAMES: [&str; 10] = ["华", "东", "盛", "源", "鑫", "泰", "恒", "宏", "金", "永"];

static POLICY: LazyLock<Policy> =
    LazyLock::new(|| Policy::load(&super::server::shipped_policy()).expect("the shipped policy"));

pub fn day() -> Day {
    jiff::civil::date(2026, 11, 23)
}

/// Office and three trustees, two of whom are enough.
pub fn recipient_set() -> RecipientSet {
    let mut rng = rand::rng();
    let recipient = || age::x25519::Identity::generate().to_public().to_string();
    let office_key = SigningKey::generate(&mut rng);
    let office = Office { working: recipient(), recovery: recipient(), verify: office_key.verify_key() };
    let keys: Vec<_> = (0..3).map(|_| SigningKey::generate(&mut rng)).collect();
    let trustees = keys.iter().zip(1..).map(|(key, n)| Trustee {
        name: format!("trustee {n}"),
        recipient: recipient(),
        verify: key.verify_key(),
    });
    let mut draft =
        UntrustedSet::draft(&Instance(INSTANCE.into()), 1, office, trustees.collect(), 2).unwrap();
    draft.sign("office", &office_key);
    for (key, n) in keys.iter().zip(1..) {
        draft.sign(&format!("trustee-{n}"), key);
    }
    draft.pinned(&draft.fingerprint()).unwrap()
}

pub fn seal(set: &RecipientSet, report: ReportId, receipt: &Receipt) -> SealedReport {
    let binding = Binding {
        report,
        audit_key: &receipt.audit_key(),
        claim_key: receipt.claim_verify_key(),
        set,
        sealed_by: SealedBy::Server,
    };
    seal_report(Whom::Nameless, &binding, &mut rand::rng()).unwrap()
}

pub fn content(n: u64) -> CaseContent {
    let industries = ["coal_mines", "chemical", "fireworks", "machinery", "commerce"];
    let regions = ["370100", "420100", "430100", "440300", "350200"];
    CaseContent {
        kind: MatterKind::ALL[n as usize % 4],
        industry: industries[n as usize % 5].into(),
        region: regions[n as usize / 5 % 5].into(),
        target_name: target(n),
        credit_code: String::new(),
        address: "井下东翼".into(),
        narrative: story(n),
        when_text: "上周二夜班".into(),
        ongoing: true,
        imminent_danger: n.is_multiple_of(50),
    }
}

/// Numbers that look drawn, the same in every run.
fn spread(n: u64, k: u64) -> usize {
    let mixed = (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ k.wrapping_mul(0xBF58_476D_1CE4_E5B9))
        .wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed >> 33) as usize
}

/// Five reports are about one target, here and there in the order they came.
fn target(n: u64) -> String {
    let of = spread(n, 99) as u64 % 20_000 + n / 100_000 * 20_000;
    let name: String = (0..3).map(|k| NAMES[spread(of, k) % NAMES.len()]).collect();
    let what = ["煤矿", "化工有限公司", "烟花厂", "机械厂", "商贸有限公司"][spread(of, 5) % 5];
    format!("{name}第{of}{what}")
}

fn story(n: u64) -> String {
    let part = |k: u64| {
        let pick = |from: &[&'static str], salt: u64| from[spread(n, 8 * k + salt) % from.len()];
        format!(
            "{}，{}{}，编号{}。",
            pick(&TIMES, 1),
            pick(&PLACES, 2),
            pick(&FAULTS, 3),
            spread(n, 8 * k + 4) % 1000
        )
    };
    (0..14).map(part).collect()
}

/// Report number `n`, with what the reporter draws.
pub fn submission(n: u64, sealed: SealedReport, report: ReportId, receipt: &Receipt) -> Submission {
    let content = content(n);
    // Received over a quarter of a year, so that deadlines differ.
    let received = day() - (n as i64 % 90).days();
    let deadlines = Deadlines::at_receipt(received, content.imminent_danger, &Rules::of(&POLICY));
    Submission {
        report,
        locator: receipt.locator(),
        auth: receipt.auth(),
        audit_key: receipt.audit_key(),
        mailbox: receipt.mailbox(),
        claim_key: receipt.claim_verify_key(),
        sealed,
        day: day(),
        forget: Month::of(jiff::civil::date(2031, 11, 1)),
        open_case: Box::new(move |number| {
            let case = Case::new(number, report, received, content, deadlines).routed(&POLICY.bodies);
            grown(case, n, received)
        }),
        entry: None,
    }
}

/// As a store looks after a year: of ten cases eight are closed, one is being verified, one waits for a decision.
fn grown(mut case: Case, n: u64, received: Day) -> Case {
    let who = ["investigator", "investigator2", "zibo-inv"][n as usize % 3];
    match n % 10 {
        0..=7 => case.state = State::Closed,
        8 => {
            case.state = State::Verifying;
            case.deadlines.conclude_by = Some(received + 60.days());
        }
        _ => return case,
    }
    case.owner = Some(StaffId(who.into()));
    case
}

pub fn policy() -> &'static Policy {
    &POLICY
}

/// The rules that repeats are compared by.
pub fn repeats() -> RepeatRules {
    POLICY.repeats.clone()
}

/// A store on sled in `folder`, its retention keys beside it.
pub fn open_store(folder: &Path) -> Result<Store, Box<dyn std::error::Error>> {
    open_on(Arc::new(SledEngine::open(&folder.join("data"))?), folder)
}

/// A store on `engine`, its retention keys in `folder`.
pub fn open_on(engine: Arc<dyn Engine>, folder: &Path) -> Result<Store, Box<dyn std::error::Error>> {
    let roots = RootKeys::parse(&format!("mifeng-root-1 {}", "5a".repeat(32)))?;
    let retention = RetentionKeys::open(&folder.join("retention"), Arc::new(SystemClock))?;
    Ok(Store::open(engine, &Instance(INSTANCE.into()), &roots, retention)?)
}
