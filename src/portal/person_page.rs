//! The fields a person is typed into: the identity page and the claim. Shows what it is handed and keeps nothing.

use super::{
    PortalState,
    draft::Step,
    mine,
    steps::{self, FormPage},
    visit::{Visit, Visitor},
};
use crate::{
    award::summary::ReporterView,
    documents::explained,
    receipt::Receipt,
    web::{Choice, Control, Errors, Field, Lang, Typed, html, see_other},
};
use axum::{http::StatusCode, response::Response};

pub(super) fn claim_page(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &mut Visit,
    typed: &Typed,
    errors: Errors,
) -> Result<Response, Response> {
    let lang = visitor.lang;
    let found = mine::find(portal, visitor, visit)?;
    let shown = found.as_ref().and_then(|found| found.dossier.award().zip(found.dossier.for_reporter()));
    let Some((award, ReporterView::CanBeClaimed { base_fen, until })) = shown else {
        mine::tell(visit, "mine-moved-not");
        return Ok(see_other(&visitor.href("/mine")));
    };
    let mut page = visitor.page("/mine/claim", lang.t("claim-title"), visit);
    page.back = page.href("/mine");
    page.switch_posts = true;

    let who = vec![
        Choice::new("before", lang.t("claim-who-before")).hint(lang.t("claim-who-before-hint")),
        Choice::new("now", lang.t("claim-who-now")).hint(lang.t("claim-who-now-hint")),
    ];
    let mut fields = vec![
        Field::digits(lang, "receipt", lang.t("claim-receipt"), "").hint(lang.t("claim-receipt-hint")),
        Field::radios(lang, "who", lang.t("claim-who"), who),
    ];
    let mut person = person_fields(portal, lang).into_iter();
    fields.extend(person.next().map(|first| first.above(lang.t("claim-now"))));
    fields.extend(person);
    let fields = fields.into_iter().map(|field| field.filled(typed, &errors)).collect();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors = errors;

    let mut form = FormPage::new(page, "/mine/claim", lang.t("claim-go"), fields);
    form.hidden = checked(typed);
    form.intro = vec![
        lang.t1("claim-amount", "amount", lang.money(base_fen)),
        lang.t1("claim-until", "day", lang.day(until)),
        lang.t("claim-uplift"),
        lang.t("claim-sees"),
    ];
    form.more = (lang.t("claim-how"), explained(lang, award));
    Ok(html(status, &form))
}

pub(super) fn identity_page(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &mut Visit,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let lang = visitor.lang;
    let sealed = visit.draft.as_ref().is_some_and(|draft| draft.sealed.is_some());
    let mut page = visitor.page("/identity", lang.t("identity-title"), visit);
    page.back = page.href(steps::before(Step::Identity));
    page.switch_posts = true;
    let fields = person_fields(portal, lang).into_iter().map(|field| field.filled(typed, &errors)).collect();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors = errors;
    let to_check = (page.href("/check"), lang.t("identity-to-check"));
    let nameless = (page.href(steps::PLAIN_NAME), lang.t("device-stay-nameless"));

    let mut form = FormPage::new(page, "/identity", lang.t("identity-next"), fields);
    form.intro.push(lang.t("identity-lead"));
    form.warning.push(lang.t("identity-server"));
    form.hidden = checked(typed);
    if sealed {
        form.intro.insert(0, lang.t("identity-sealed-already"));
        form.others.push(to_check);
    }
    form.others.push(nameless);
    html(status, &form)
}

/// The numbers that were asked about; sent again unchanged they are taken. A receipt is refused at its field, and would be
/// once more here, where nobody sees it.
fn checked(typed: &Typed) -> Vec<(&'static str, String)> {
    let numbers = [("mobile-checked", typed.plain("mobile")), ("account-checked", typed.plain("account"))];
    numbers.into_iter().filter(|(_, number)| !Receipt::is_in(number)).collect()
}

fn person_fields(portal: &PortalState, lang: Lang) -> Vec<Field> {
    let limits = &portal.policy.intake.fields;
    let choices =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(v, key)| Choice::new(*v, lang.t(key))).collect();
    let ids = choices(&[
        ("resident", "identity-id-resident"),
        ("passport", "identity-id-passport"),
        ("residence", "identity-id-residence"),
        ("other", "identity-id-other"),
    ]);
    let payee = choices(&[("person", "identity-payee-person"), ("account", "identity-payee-account")]);
    let own = choices(&[("yes", "identity-own-yes"), ("no", "identity-own-no")]);
    let narrow =
        |name, key| Field::new(lang, name, lang.t(key), Control::Line { width: "w-20", numeric: false });
    let account_hint = || lang.t("identity-account-hint");
    vec![
        narrow("person-name", "identity-name"),
        Field::radios(lang, "id-kind", lang.t("identity-id-kind"), ids),
        narrow("id-number", "identity-id-number"),
        Field::digits(lang, "mobile", lang.t("identity-mobile"), "w-10").hint(lang.t("identity-mobile-hint")),
        Field::radios(lang, "payee", lang.t("identity-payee"), payee),
        narrow("holder", "identity-holder").hint(account_hint()),
        Field::line(lang, "bank", lang.t("identity-bank")).hint(account_hint()),
        Field::digits(lang, "account", lang.t("identity-account"), "w-20").hint(account_hint()),
        Field::radios(lang, "own", lang.t("identity-own"), own).hint(lang.t("identity-own-hint")),
        Field::area(lang, "joint", lang.t("identity-joint"), 3)
            .hint(lang.t1("identity-joint-hint", "most", limits.joint_signatories))
            .optional(),
        consent(portal, lang),
    ]
}

/// Asked apart from everything else (PIPL art. 29): what is sealed, for whom, how long. Outside the seal nothing says
/// that it was given: it goes with the name, and the name's being there would be seen from it.
fn consent(portal: &PortalState, lang: Lang) -> Field {
    let kept = &portal.policy.retention;
    let about = lang.t_with(
        "identity-consent-about",
        &[
            ("trustees", portal.recipients.threshold().into()),
            ("closed", kept.closed.count().into()),
            ("award", kept.award.count().into()),
        ],
    );
    let agree = Choice::new("yes", lang.t("identity-consent"));
    Field::checks(lang, "consent", lang.t("identity-consent-title"), vec![agree]).hint(about)
}

/// Ids of the fields below.
pub(super) const LOCAL_FIELDS: [&str; 11] = [
    "person-name",
    "id-kind",
    "id-number",
    "mobile",
    "payee",
    "holder",
    "bank",
    "account",
    "own",
    "joint",
    "consent",
];

/// The same for a page whose script seals: nothing has a name, and lists stand for radio buttons, which cannot be
/// without one.
pub(super) fn local_person_fields(portal: &PortalState, lang: Lang) -> Vec<Field> {
    let local = |mut field: Field| {
        if let Control::Radios(choices) = field.control {
            let first = Choice::new("", lang.t("device-choose"));
            field.control = Control::Select(std::iter::once(first).chain(choices).collect());
        }
        field.local()
    };
    person_fields(portal, lang).into_iter().map(local).collect()
}
