//! Words in two languages, from `messages/*.ftl`, compiled in. A key missing in one language fails the tests.

use crate::clock::Day;
pub use crate::policy::Lang;
use axum::http::{HeaderMap, Uri, header};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

/// Every page exists in each language at its own address (`/zh/…`, `/en/…`).
impl Lang {
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// First part of every address in this language.
    pub fn path(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
    /// Value of the `lang` attribute (BCP 47): chooses Han glyphs and the reading voice.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-Hans",
            Self::En => "en",
        }
    }
    pub fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }
    /// What the language calls itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Zh => "中文",
            Self::En => "English",
        }
    }

    /// The language of an address; without one, what the browser asks for; else Chinese.
    pub fn of_request(uri: &Uri, headers: &HeaderMap) -> Self {
        match uri.path().split('/').nth(1) {
            Some("zh") => Self::Zh,
            Some("en") => Self::En,
            _ => Self::of_accept_language(
                headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or(""),
            ),
        }
    }

    /// What the terminal speaks: Chinese where the locale says so, else English.
    pub fn of_terminal() -> Self {
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG"));
        if locale.is_some_and(|locale| locale.starts_with("zh")) { Self::Zh } else { Self::En }
    }

    fn of_accept_language(header: &str) -> Self {
        header
            .split(',')
            .find_map(|item| match item.trim().get(..2)?.to_ascii_lowercase().as_str() {
                "zh" => Some(Self::Zh),
                "en" => Some(Self::En),
                _ => None,
            })
            .unwrap_or(Self::Zh)
    }

    /// The words under `key`. An unknown key is a mistake of ours: a panic where tests run, the key itself elsewhere.
    pub fn t(self, key: &str) -> String {
        self.t_with(key, &[])
    }

    /// The words under `key` with one value filled in.
    pub fn t1<'a>(self, key: &str, name: &'a str, value: impl Into<FluentValue<'a>>) -> String {
        self.t_with(key, &[(name, value.into())])
    }

    /// The words under `key` with values filled in.
    pub fn t_with(self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        let bundle = match self {
            Self::Zh => &*ZH,
            Self::En => &*EN,
        };
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            args.set(*name, value.clone());
        }
        let mut errors = Vec::new();
        let words = bundle
            .get_message(key)
            .and_then(|message| message.value())
            .map(|pattern| bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned());
        debug_assert!(words.is_some() && errors.is_empty(), "words: {key} in {self:?}: {errors:?}");
        words.unwrap_or_else(|| key.to_owned())
    }

    /// A day as people write it: `2026 年 11 月 26 日`, `26 November 2026`.
    pub fn day(self, day: Day) -> String {
        match self {
            Self::Zh => format!("{} 年 {} 月 {} 日", day.year(), day.month(), day.day()),
            Self::En => day.strftime("%-d %B %Y").to_string(),
        }
    }

    /// An amount in fen: `17,722.05 元`, `CN¥17,722.05`.
    pub fn money(self, fen: u64) -> String {
        let yuan = (fen / 100).to_string();
        let mut grouped = String::new();
        for (i, digit) in yuan.chars().enumerate() {
            if i > 0 && (yuan.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        self.yuan(&format!("{grouped}.{:02}", fen % 100))
    }

    /// As [`Lang::money`], of an amount that is written out already, or its place.
    pub fn yuan(self, written: &str) -> String {
        match self {
            Self::Zh => format!("{written} 元"),
            Self::En => format!("CN¥{written}"),
        }
    }

    /// Whether there are words under `key` (for keys made from policy data, with a plainer text to fall back on).
    pub fn has(self, key: &str) -> bool {
        match self {
            Self::Zh => ZH.has_message(key),
            Self::En => EN.has_message(key),
        }
    }
}

macro_rules! ftl {
    ($lang:literal) => {
        [
            include_str!(concat!("../../messages/common.", $lang, ".ftl")),
            include_str!(concat!("../../messages/portal.", $lang, ".ftl")),
            include_str!(concat!("../../messages/console.", $lang, ".ftl")),
            include_str!(concat!("../../messages/work.", $lang, ".ftl")),
            include_str!(concat!("../../messages/door.", $lang, ".ftl")),
            include_str!(concat!("../../messages/office.", $lang, ".ftl")),
            include_str!(concat!("../../messages/tools.", $lang, ".ftl")),
            include_str!(concat!("../../messages/holders.", $lang, ".ftl")),
            include_str!(concat!("../../messages/mini.", $lang, ".ftl")),
        ]
    };
}
const ZH_FILES: [&str; 9] = ftl!("zh");
const EN_FILES: [&str; 9] = ftl!("en");

type Bundle = FluentBundle<FluentResource>;
static ZH: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::Zh, ZH_FILES));
static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::En, EN_FILES));

fn bundle(lang: Lang, files: [&str; 9]) -> Bundle {
    // A tag that did not parse would only lose plural forms; both are constants and parse.
    let locale: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![locale]);
    bundle.set_use_isolating(false);
    for file in files {
        // A file with a slip in it still gives its good lines; the tests below refuse the slip.
        let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, _)| resource);
        let _ = bundle.add_resource(resource);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs, path::Path};

    #[test]
    fn the_message_files_parse_and_no_key_is_given_twice() {
        for files in [ZH_FILES, EN_FILES] {
            let mut bundle: Bundle = Bundle::new_concurrent(vec![]);
            for file in files {
                let resource =
                    FluentResource::try_new(file.to_owned()).map_err(|(_, errors)| errors).unwrap();
                bundle.add_resource(resource).unwrap();
            }
        }
    }

    #[test]
    fn both_languages_have_the_same_keys_and_the_same_values_to_fill_in() {
        for (zh, en) in ZH_FILES.iter().zip(EN_FILES) {
            let (zh, en) = (entries(zh), entries(en));
            let keys = |list: &[(String, String)]| list.iter().map(|e| e.0.clone()).collect::<BTreeSet<_>>();
            assert_eq!(keys(&zh), keys(&en));
            for ((key, zh), (_, en)) in sorted(zh).into_iter().zip(sorted(en)) {
                assert_eq!(filled_in(&zh), filled_in(&en), "{key}");
            }
        }
    }

    #[test]
    fn chinese_is_set_with_its_own_marks_and_a_space_before_latin() {
        let mut found = Vec::new();
        for (key, text) in ZH_FILES.iter().flat_map(|file| entries(file)) {
            if key.starts_with("raw-") {
                continue;
            }
            let chars: Vec<char> = text.chars().collect();
            for pair in chars.windows(2) {
                if let Some(fault) = chinese_fault(pair[0], pair[1]) {
                    found.push(format!("{key}: {}{} {fault}", pair[0], pair[1]));
                }
            }
            for bad in ["非法输入", "虚假举报", "无效", "尽快", "！", "你"] {
                if text.contains(bad) {
                    found.push(format!("{key}: says {bad}"));
                }
            }
        }
        assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn english_has_no_full_width_marks_and_does_not_blame() {
        for (key, text) in EN_FILES.iter().flat_map(|file| entries(file)) {
            let foreign: String = text.chars().filter(|c| "。，：；？！（）“”".contains(*c)).collect();
            assert!(foreign.is_empty(), "{key}: {foreign}");
            for bad in ["invalid", "failed", "illegal", "!"] {
                assert!(!text.to_lowercase().contains(bad), "{key}: says {bad}");
            }
        }
    }

    /// Keys written out in templates and code exist. Keys put together at run time are caught by the page tests.
    #[test]
    fn every_key_named_in_code_or_template_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut missing = BTreeSet::new();
        let mut notices = Vec::new();
        let mut seen = 0;
        for folder in ["src", "templates"] {
            each_file(&root.join(folder), &mut |path| {
                if path.ends_with("words.rs") {
                    return;
                }
                let text = fs::read_to_string(path).unwrap_or_default();
                for call in text.split("notice(StatusCode::").skip(1) {
                    let arguments = call.split(')').next().unwrap_or("");
                    notices.extend(
                        arguments.split('"').nth(1).map(|n| (n.to_owned(), path.display().to_string())),
                    );
                }
                for door in ["t(\"", "t1(\"", "t_with(\""] {
                    for (at, _) in text.match_indices(door) {
                        if at > 0 && !matches!(text.as_bytes()[at - 1], b'.' | b' ') {
                            continue;
                        }
                        let key = text[at + door.len()..].split('"').next().unwrap_or("");
                        seen += 1;
                        if !ZH.has_message(key) {
                            missing.insert(format!("{}: {key}", path.display()));
                        }
                    }
                }
            });
        }
        for (notice, path) in notices {
            for part in ["title", "text", "next"] {
                let key = format!("{notice}-{part}");
                if !ZH.has_message(&key) {
                    missing.insert(format!("{path}: {key}"));
                }
            }
        }
        assert!(seen > 0 && missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn days_and_amounts_are_written_as_people_write_them() {
        let day = jiff::civil::date(2026, 3, 1);
        assert_eq!(
            (Lang::Zh.day(day).as_str(), Lang::En.day(day).as_str()),
            ("2026 年 3 月 1 日", "1 March 2026")
        );
        assert_eq!(Lang::Zh.money(1_772_205), "17,722.05 元");
        assert_eq!(Lang::En.money(30_000_000), "CN¥300,000.00");
        assert_eq!(Lang::En.money(5), "CN¥0.05");
    }

    #[test]
    fn the_address_decides_before_the_browser_does() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, "fr, en;q=0.8".parse().unwrap());
        assert_eq!(Lang::of_request(&Uri::from_static("/zh/start"), &headers), Lang::Zh);
        assert_eq!(Lang::of_request(&Uri::from_static("/"), &headers), Lang::En);
        assert_eq!(Lang::of_request(&Uri::from_static("/"), &HeaderMap::new()), Lang::Zh);
    }

    fn entries(file: &str) -> Vec<(String, String)> {
        let mut entries: Vec<(String, String)> = Vec::new();
        for line in file.lines() {
            match line.split_once(" = ").or_else(|| line.strip_suffix(" =").map(|key| (key, ""))) {
                Some((key, text)) if !line.starts_with([' ', '#']) => entries.push((key.into(), text.into())),
                _ if line.starts_with(' ') => {
                    if let Some(last) = entries.last_mut() {
                        last.1.push_str(line.trim());
                    }
                }
                _ => {}
            }
        }
        entries
    }

    fn sorted(mut entries: Vec<(String, String)>) -> Vec<(String, String)> {
        entries.sort();
        entries
    }

    fn filled_in(text: &str) -> BTreeSet<String> {
        text.split('$')
            .skip(1)
            .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect())
            .collect()
    }

    fn chinese_fault(a: char, b: char) -> Option<&'static str> {
        let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        let full = |c: char| "。，：；？（）“”《》、〔〕".contains(c);
        let latin = |c: char| c.is_ascii_alphanumeric();
        if han(a) && ",;?!()".contains(b) {
            return Some("half-width mark after Han");
        }
        if (han(a) && latin(b)) || (latin(a) && han(b)) {
            return Some("no space between Han and Latin");
        }
        if (full(a) && b == ' ') || (a == ' ' && full(b)) {
            return Some("space beside a full-width mark");
        }
        None
    }

    fn each_file(folder: &Path, visit: &mut impl FnMut(&Path)) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                each_file(&entry.path(), visit);
            } else {
                visit(&entry.path());
            }
        }
    }
}
