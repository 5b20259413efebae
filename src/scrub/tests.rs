use super::*;
use crate::policy::formats;
use proptest::prelude::*;

/// Each round would find one name more, from the last to the first.
#[test]
fn a_text_made_to_be_looked_at_for_ever_is_taken_out_whole() {
    for (text, whole) in [
        ("找王明".repeat(1_666), true),
        ("13800138000、".repeat(400), true),
        ("13800138000、".repeat(90), false),
    ] {
        let found = find(&text);
        assert_eq!(found.len() == 1 && found[0].at == (0..text.len()), whole, "{}", &text[..30]);
    }
}

/// As somebody reads it, with the kind in brackets.
fn shown(text: &str) -> String {
    let show = |piece: Piece| match piece {
        Piece::Kept(text) => text,
        Piece::Removed(kind) => format!("［{}］", kind.code()),
    };
    cut(text, &find(text)).into_iter().map(show).collect()
}

#[test]
fn what_leads_to_a_person_is_found_however_it_is_written() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        // Resident identity numbers: published samples of GB 11643.
        ("证号11010519491231002X。", "证号［resident-id］。"),
        ("１１０１０５１９４９１２３１００２ｘ", "［resident-id］"),
        ("110105 1949 1231 002X", "［resident-id］"),
        ("110105-19491231-002x 住东区", "［resident-id］ 住东区"),
        ("一一零一零五一九四九一二三一零零二X", "［resident-id］"),
        ("编号7440524188001010014尾", "编号7［resident-id］尾"),
        ("440524188001010013", "［resident-id］"),
        ("110105491231002", "［resident-id］"),
        ("身份证后四位002X", "身份证后四位［account］"),
        // Telephones.
        ("打13800138000找我", "打［phone］找我"),
        ("138 0013 8000、139-0013-9000", "［phone］、［phone］"),
        ("138 0013 8000 139 0013 9000", "［phone］"),
        ("１３８００１３８０００", "［phone］"),
        ("幺三八零零幺三八零零零", "［phone］"),
        ("壹叁捌零零壹叁捌零零零", "［phone］"),
        ("1\u{200b}3800138000", "［phone］"),
        ("+86 13800138000", "+［phone］"),
        ("0531-88888888转8001", "［phone］转8001"),
        ("0531 8888 8888", "［phone］"),
        ("400-800-1234", "［phone］"),
        ("电话：88881234", "电话：［phone］"),
        ("我的手机号是1380013800", "我的手机号是［phone］"),
        // Accounts: Luhn or not.
        ("卡号6222021234567890123", "卡号［account］"),
        ("6222 0212 3456 7890 123", "［account］"),
        ("尾号1234", "尾号［account］"),
        ("转到123456789012", "转到［account］"),
        // Plates, old and new-energy.
        ("车牌鲁A12345", "车牌［plate］"),
        ("鲁A·12345停在门口", "［plate］停在门口"),
        ("鲁ＡＤ１２３４５", "［plate］"),
        ("粤 b 12345 d", "［plate］"),
        ("粤B12345学", "［plate］"),
        // Addresses of the net.
        ("写信到zhang.san@example.com吧", "写信到［email］吧"),
        ("zhangsan＠example．com", "［email］"),
        ("加微信zhang_san88", "加微信［handle］"),
        ("微信号：wxid_abc123。", "微信号：［handle］。"),
        ("QQ 12345678", "QQ ［handle］"),
        ("vx: abcd-1234", "vx: ［handle］"),
        ("工号A0317", "工号［handle］"),
        // Names.
        ("我叫张三，在厂里上班", "我叫［name］，在厂里上班"),
        ("我叫王建国在二车间", "我叫［name］在二车间"),
        ("我叫欧阳修文住在东区", "我叫［name］住在东区"),
        ("姓名：张三丰", "姓名：［name］"),
        ("姓名 张三", "姓名 ［name］"),
        ("联系人：蔑儿，电话13800138000", "联系人：［name］，电话［phone］"),
        ("联系人李强电话88881234", "联系人［name］电话［phone］"),
        ("本人王小明，男", "本人［name］，男"),
        ("我是李强，夜班的", "我是［name］，夜班的"),
        ("我叫阿依古丽·买买提。", "我叫［name］。"),
        ("张经理叫我们别说", "［name］经理叫我们别说"),
        ("是李建国主任说的", "是［name］主任说的"),
        ("和王厂长说了", "和［name］厂长说了"),
        ("老王说的", "老［name］说的"),
        ("证人:𠮷田", "证人:［name］"),
    ] {
        if shown(text) != expected {
            wrong.push((text, shown(text), expected));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_tells_of_the_matter_stays() {
    let mut wrong = Vec::new();
    for text in [
        "2026-11-26 1300 到 2026-11-27 0500，储罐区报警器被关掉了。",
        "2026年11月26日，13:00，压力3.5 MPa，温度120 ℃。",
        "20261126 1300",
        "统一社会信用代码91350100M000100Y43",
        "91512081MA62K0260E 的厂",
        "罚款1,000,000元，死亡三人，受伤十二人。",
        "二〇二六年十一月二十六日",
        "三号罐、五号罐和一二三车间",
        "工业路 1 号，北门往里第二个罐区",
        "车间主任签的字，项目经理不在，安全总监也不在，高级工程师没来。",
        "我是车间工人，我是方便的时候来的，本人一直在场。",
        "小金库、老厂房、小高炉都在用。",
        "云A栋 5 层，京东仓库",
        "微信群里说了",
        "编号 2024 号",
    ] {
        if shown(text) != text {
            wrong.push((text, shown(text)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn words_a_person_adds_are_found_wherever_they_stand() {
    let text = "二车间的阿强说，阿强看见了。强";
    let words = ["阿强".to_owned(), " 强 ".to_owned(), " ".to_owned(), String::new()];
    let found = find_words(text, &words);
    assert_eq!(found.len(), 3);
    let pieces = cut(text, &found);
    let kept: String = pieces
        .iter()
        .filter_map(|piece| if let Piece::Kept(text) = piece { Some(text.as_str()) } else { None })
        .collect();
    assert_eq!(kept, "二车间的说，看见了。");
    assert_eq!(pieces.last(), Some(&Piece::Removed(Kind::Added)));
    assert!(find_words("", &words).is_empty());
}

/// Every sequence of that many digits that stand together, spaces and dashes left out.
fn windows(text: &str, length: usize) -> Vec<String> {
    let folded: String = text.nfkc().map(|c| if c == 'x' { 'X' } else { c }).collect();
    let runs = folded.split(|c: char| !(c.is_ascii_digit() || c == 'X' || c == ' ' || c == '-'));
    let runs = runs.map(|run| run.chars().filter(|c| c.is_ascii_digit() || *c == 'X').collect::<Vec<char>>());
    runs.flat_map(|run| run.windows(length).map(String::from_iter).collect::<Vec<_>>()).collect()
}

/// A number with the right check digit.
fn resident_id() -> impl Strategy<Value = String> {
    (110_000..660_000_u32, 1900..2030_u32, 1..=12_u32, 1..=28_u32, 0..1000_u32).prop_filter_map(
        "month",
        |parts| {
            let (area, year, month, day, order) = parts;
            let body = format!("{area:06}{year:04}{month:02}{day:02}{order:03}");
            "0123456789X"
                .chars()
                .map(|check| format!("{body}{check}"))
                .find(|id| formats::resident_id(id).is_ok())
        },
    )
}

/// What people put into and around numbers.
fn dressed(number: String) -> impl Strategy<Value = String> {
    let digits: Vec<char> = number.chars().collect();
    proptest::collection::vec((0..4_u8, prop::bool::weighted(0.2)), digits.len()).prop_map(move |dress| {
        let dress = digits.iter().zip(dress).map(|(c, (gap, wide))| {
            let gap = ["", "", " ", "-"][usize::from(gap)];
            let c = if wide { char::from_u32(u32::from(*c) + 0xfee0).unwrap() } else { *c };
            format!("{c}{gap}")
        });
        dress.collect()
    })
}

/// Text in which such things are likely.
fn likely() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[0-9０-９〇一二三 -]{0,20}",
        "[鲁京云粤A-Za-z0-9·@. ]{0,12}",
        "(我叫|姓名：|联系人|我是|老|小)?[张王李欧阳司马强建国·的在，]{0,6}(经理|主任|电话|微信)?",
        "(身份证|电话|工号|QQ|微信号|尾号|卡号)[:： ]?[0-9A-Za-z_xX-]{0,20}",
        "\\PC{0,10}",
        resident_id(),
        Just("13800138000".to_owned()),
        Just("［name］".to_owned()),
    ];
    proptest::collection::vec(word, 0..8).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_read_and_cut_at_whole_characters(text in prop_oneof!["\\PC*", any::<String>(), likely()]) {
        let found = find(&text);
        prop_assert!(found.windows(2).all(|pair| pair[0].at.end <= pair[1].at.start));
        let all: usize = found.iter().map(|each| text[each.at.clone()].len()).sum();
        let kept: usize = cut(&text, &found).iter().map(|p| if let Piece::Kept(t) = p { t.len() } else { 0 }).sum();
        prop_assert_eq!(all + kept, text.len());
    }

    #[test]
    fn no_number_with_a_right_check_digit_is_left(text in likely()) {
        let shown = shown(&text);
        for id in windows(&shown, 18) {
            prop_assert!(formats::resident_id(&id).is_err(), "{} in {}", id, shown);
        }
        for cut in windows(&shown, 15) {
            // Days are taken out of long runs, and nothing else is.
            prop_assert!(!cut.chars().all(|c| c.is_ascii_digit()) || text.contains(['-', ' ']), "{} in {}", cut, shown);
        }
    }

    #[test]
    fn a_number_is_found_in_any_dress(
        before in "[a-z厂里的，。]{0,5}", id in resident_id().prop_flat_map(dressed), after in "[厂里的，。]{0,5}",
    ) {
        let text = format!("{before}{id}{after}");
        let shown = shown(&text);
        prop_assert!(!shown.chars().any(|c| digit(c).is_some()), "{}", shown);
    }

    #[test]
    fn a_telephone_is_found_in_any_dress(
        before in "[a-z厂里的，。]{0,5}", phone in "1[3-9][0-9]{9}".prop_flat_map(dressed), after in "[厂里的，。]{0,5}",
    ) {
        let shown = shown(&format!("{before}{phone}{after}"));
        prop_assert!(!shown.chars().any(|c| digit(c).is_some()), "{}", shown);
    }

    #[test]
    fn what_was_cut_has_nothing_left_to_cut(text in likely()) {
        let once = shown(&text);
        prop_assert_eq!(shown(&once), once.clone(), "{}", text);
    }
}
