//! What goes out of the house.

use super::{tests::*, *};
use crate::scrub;

fn sheet_of(case: &Case, to: Recipient) -> Move {
    let made = |(part, text): (Part, &str)| SheetPart { part, pieces: scrub::cut(text, &scrub::find(text)) };
    Move::MakeSheet { to, parts: case.own_words().into_iter().map(made).collect(), left_in: vec![] }
}

#[test]
fn a_sheet_says_what_the_case_says_and_goes_where_the_case_can_go() {
    let case = after_moves([(Move::Add { text: "我叫张三，电话13800138000".into() }, Actor::Reporter)]);
    let body = |name: &str| Recipient::Body(code(name));
    let office = |name: &str| Recipient::Office(code(name));
    for to in [body("province_370000"), body("county_370102"), office("pollution")] {
        let made = apply(&case, sheet_of(&case, to.clone()), &clerk(), DAY, &RULES).unwrap();
        let [sheet] = &made.sheets[..] else { panic!("one sheet") };
        assert_eq!((&sheet.to, sheet.from.as_str(), made.state), (&to, "city_370100", case.state));
        let text = serde_json::to_string(sheet).unwrap();
        assert!(
            !text.contains("张三") && !text.contains("13800138000") && text.contains("91350100M000100Y43"),
            "{text}"
        );
        assert_eq!(made.history.last().unwrap().told, "", "nothing for the reporter to read");
    }
    for to in [body("city_370100"), body("city_370200"), body("nobody"), office("nowhere")] {
        assert_eq!(refused(&case, sheet_of(&case, to), &clerk()), MoveRefused::SheetDoesNotFit);
    }
    let gone =
        Move::Transfer {
            office: code("pollution"), reason: "污染".into(), told: "转生态环境部门。".into()
        };
    let gone = apply(&case, gone, &clerk(), DAY, &RULES).unwrap();
    assert!(apply(&gone, sheet_of(&gone, office("pollution")), &clerk(), DAY, &RULES).is_ok());
    for to in [office("railway"), body("province_370000")] {
        assert_eq!(refused(&gone, sheet_of(&gone, to), &clerk()), MoveRefused::SheetDoesNotFit);
    }
    let to = || office("pollution");
    assert_eq!(
        refused(&case, sheet_of(&case, to()), &investigator()),
        MoveRefused::NotPermitted(MoveKind::MakeSheet)
    );
    // Nothing is left away, put in or changed.
    let changes: [fn(&mut Vec<SheetPart>); 4] = [
        |parts| drop(parts.pop()),
        |parts| parts[1].pieces.push(scrub::Piece::Kept("另外".into())),
        |parts| parts[1].pieces = vec![scrub::Piece::Kept("别的".into())],
        |parts| parts.swap(0, 1),
    ];
    for change in changes {
        let Move::MakeSheet { to, mut parts, left_in } = sheet_of(&case, to()) else { unreachable!() };
        change(&mut parts);
        assert_eq!(
            refused(&case, Move::MakeSheet { to, parts, left_in }, &clerk()),
            MoveRefused::SheetDoesNotFit
        );
    }
    // What is left in has its reason.
    let Move::MakeSheet { to, parts, .. } = sheet_of(&case, to()) else { unreachable!() };
    let left_in = vec![LeftIn { part: Part::Narrative, kind: scrub::Kind::Name, reason: " ".into() }];
    assert_eq!(
        refused(&case, Move::MakeSheet { to, parts, left_in }, &clerk()),
        MoveRefused::Missing("reason")
    );
}

#[test]
fn a_deleted_report_leaves_no_words_in_its_sheets() {
    let case = after_moves([(accept(), clerk())]);
    let to = Recipient::Office(code("pollution"));
    let made = apply(&case, sheet_of(&case, to), &clerk(), DAY, &RULES).unwrap();
    let asked =
        apply(&made, Move::AskDeletion { text: "请删除".into() }, &Actor::Reporter, DAY, &RULES).unwrap();
    let mv = Move::GrantDeletion { reason: "可以删除".into(), told: "已删除。".into() };
    let gone = apply(&asked, mv, &approver(), DAY, &RULES).unwrap();
    assert!(gone.sheets.len() == 1 && gone.sheets[0].parts.is_empty());
    assert!(!serde_json::to_string(&gone).unwrap().contains("储罐区"));
    assert!(!allowed(&gone, &clerk()).contains(&MoveKind::MakeSheet));
}
