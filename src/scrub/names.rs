//! Names of people, as far as the words around them tell: “我叫…”, “联系人：…”, a surname before a title.

use super::{Cell, Kind};
use std::ops::Range;

/// The surnames of most people; rare ones that are everyday words are left out.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝";
const COMPOUND: [&str; 12] =
    ["欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "夏侯"];
/// Words that begin like a name.
const NOT_NAMES: [&str; 72] = [
    "车间", "安全", "高级", "高管", "马上", "金属", "于是", "周一", "周二", "周三", "周四", "周五", "周六",
    "周日", "周末", "周边", "方便", "方面", "白天", "白班", "黄金", "石油", "石化", "江西", "江苏", "温州",
    "温度", "路过", "路人", "路边", "包工", "包装", "管理", "管道", "成员", "成品", "向上", "项目", "应当",
    "应该", "应急", "严重", "左右", "党员", "党委", "农民", "宁夏", "全部", "全体", "全厂", "何时", "谢谢",
    "施工", "单位", "任何", "任务", "华北", "华东", "连续", "连夜", "解决", "游客", "时间", "师傅", "和我",
    "商场", "文件", "路上", "左边", "古代", "万一", "明天",
];
/// A name ends before these.
const STOPS: &str = "的在是了和与及于有无没不住从来去说讲们也就都为被把对向到给让要想会能可将已曾因由但而且或等这那此该其他她它我你您以每天打去年岁";
const STOP_WORDS: [&str; 26] = [
    "家住", "电话", "手机", "今年", "现在", "身份", "联系", "举报", "反映", "工人", "员工", "车间", "公司",
    "同志", "先生", "女士", "师傅", "经理", "主任", "厂长", "班长", "队长", "矿长", "书记", "老板", "工程",
];
/// What follows is a name whatever it begins with.
const SURE: [&str; 9] =
    ["我叫", "名叫", "本人叫", "名字叫", "名字是", "我的名字", "姓名是", "姓名叫", "真名叫"];
/// What follows is a name behind a colon, or if it begins with a surname.
const LABELS: [&str; 12] = [
    "姓名",
    "联系人",
    "举报人",
    "投诉人",
    "反映人",
    "署名",
    "落款",
    "签名",
    "经办人",
    "证人",
    "目击者",
    "家属",
];
/// What follows is a name if it begins with a surname and ends like one.
const MAYBE: [&str; 7] = ["我是", "本人是", "本人", "我姓", "同事", "工友", "找"];
const TITLES: [&str; 33] = [
    "先生",
    "女士",
    "小姐",
    "师傅",
    "经理",
    "主任",
    "厂长",
    "矿长",
    "班长",
    "队长",
    "组长",
    "科长",
    "处长",
    "局长",
    "部长",
    "书记",
    "老板",
    "老师",
    "总监",
    "董事",
    "工程师",
    "同志",
    "法人",
    "医生",
    "律师",
    "会计",
    "大哥",
    "大姐",
    "总工",
    "站长",
    "所长",
    "主管",
    "总经理",
];

pub(super) fn find(cells: &[Cell]) -> Vec<(Range<usize>, Kind)> {
    let mut found = Vec::new();
    for at in 0..cells.len() {
        let behind = |words: &[&str]| {
            words.iter().filter(|word| stands(cells, at, word)).map(|w| w.chars().count()).max()
        };
        for (words, how) in [(&SURE[..], How::Sure), (&LABELS[..], How::Label), (&MAYBE[..], How::Maybe)] {
            if let Some(length) = behind(words) {
                found.extend(introduced(cells, at + length, how));
            }
        }
        if TITLES.iter().any(|title| stands(cells, at, title)) {
            found.extend(before_title(cells, at));
        }
        found.extend(with_a_point(cells, at));
        found.extend(old_or_young(cells, at));
    }
    found.into_iter().map(|range| (range, Kind::Name)).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    Sure,
    Label,
    Maybe,
}

fn stands(cells: &[Cell], at: usize, word: &str) -> bool {
    let mut rest = cells.get(at..).unwrap_or_default().iter();
    word.chars().all(|wanted| rest.next().is_some_and(|cell| cell.raw == wanted))
}

/// Length of the surname at this place; 0: none.
fn surname(cells: &[Cell], at: usize) -> usize {
    if COMPOUND.iter().any(|name| stands(cells, at, name)) {
        return 2;
    }
    usize::from(cells.get(at).is_some_and(|cell| SURNAMES.contains(cell.raw)))
}

fn is_word(cells: &[Cell], at: usize) -> bool {
    NOT_NAMES.iter().any(|word| stands(cells, at, word))
}

fn ends(cells: &[Cell], at: usize) -> bool {
    cells.get(at).is_none_or(|cell| !cell.is_han() || STOPS.contains(cell.raw))
        || STOP_WORDS.iter().any(|word| stands(cells, at, word))
}

/// So many Chinese characters from here on that nothing ends.
fn letters(cells: &[Cell], at: usize, most: usize) -> usize {
    (0..most).take_while(|i| !ends(cells, at + i)).count()
}

fn introduced(cells: &[Cell], at: usize, how: How) -> Option<Range<usize>> {
    let links = cells.get(at..)?.iter().take(4);
    let links: Vec<&Cell> = links.take_while(|c| "：:，,是叫为 \u{3000}\t".contains(c.raw)).collect();
    let has_colon = links.iter().any(|cell| cell.plain == ':');
    let start = at + links.len();
    let family = surname(cells, start);
    let length = match family {
        0 if how == How::Sure || how == How::Label && has_colon => {
            Some(letters(cells, start, 4)).filter(|length| *length >= 2)?
        }
        0 => return None,
        _ if is_word(cells, start) => return None,
        _ => family + letters(cells, start + family, 2),
    };
    // “我是方便的时候” has no name; “我姓王” has one.
    if how == How::Maybe && !(ends(cells, start + length) && (length > family || stands(cells, at - 1, "姓")))
    {
        return None;
    }
    (length > family || how != How::Label || has_colon).then_some(start..start + length)
}

/// 张三经理, 李主任: the longest name that ends where the title begins.
fn before_title(cells: &[Cell], title: usize) -> Option<Range<usize>> {
    // 安全总监 is nobody’s name.
    if title >= 2 && is_word(cells, title - 2) {
        return None;
    }
    let starts = (1..=4.min(title)).rev().map(|length| title - length);
    let fits = |start: &usize| {
        let family = surname(cells, *start);
        let given = title.checked_sub(start + family);
        family > 0
            && given.is_some_and(|given| given <= 2 && letters(cells, start + family, given) == given)
            && !is_word(cells, *start)
            && !(STOPS.contains(cells[*start].raw) && given != Some(0))
    };
    starts.into_iter().find(fits).map(|start| start..title)
}

/// 买买提·吐尔逊
fn with_a_point(cells: &[Cell], at: usize) -> Option<Range<usize>> {
    let is_point = matches!(cells[at].raw, '·' | '•' | '・' | '‧');
    let before =
        cells[..at].iter().rev().take(6).take_while(|cell| cell.is_han() && !STOPS.contains(cell.raw));
    let before = before.count();
    let introduced = (0..before).rev().find(|back| {
        let start = at - back;
        SURE.iter().chain(&LABELS).any(|word| {
            let length = word.chars().count();
            start >= length && stands(cells, start - length, word)
        })
    });
    let before = introduced.filter(|back| *back > 0).unwrap_or(before);
    let after = letters(cells, at + 1, 8);
    (is_point && before > 0 && after > 0).then_some(at - before..at + 1 + after)
}

/// 老王, 小李, where no longer word follows.
fn old_or_young(cells: &[Cell], at: usize) -> Option<Range<usize>> {
    let is_so = matches!(cells[at].raw, '老' | '小' | '阿');
    (is_so && surname(cells, at + 1) > 0 && ends(cells, at + 2)).then_some(at + 1..at + 2)
}
