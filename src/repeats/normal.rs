//! Texts as they are compared: full width is half width (NFKC), case and everything but letters and digits is gone.

use unicode_normalization::UnicodeNormalization;

pub fn plain(text: &str) -> String {
    // Twice: what stands side by side once a sign between them is gone may compose, or change places.
    once(&once(text))
}

fn once(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
}

/// A company's name without what ends many of them; `suffixes` are [`plain`] already. One that is nothing else stays.
pub(super) fn name(text: &str, suffixes: &[String]) -> String {
    let mut name = plain(text);
    while let Some(suffix) = suffixes.iter().find(|s| name.len() > s.len() && name.ends_with(s.as_str())) {
        name.truncate(name.len() - suffix.len());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn width_case_space_and_company_ends_do_not_count() {
        let suffixes = ["有限公司", "公司", "ltd"].map(str::to_owned);
        for written in ["华 星化工（济南）有限公司", "华星化工(济南)", "华星化工 济南 公司有限公司"]
        {
            assert_eq!(name(written, &suffixes), "华星化工济南", "{written}");
        }
        assert_eq!(name("ＡＣＭＥ Ltd", &suffixes), "acme");
        assert_eq!(name("公司", &suffixes), "公司", "nothing would be left");
    }

    proptest! {
        #[test]
        fn a_normal_form_stays_as_it_is(text in "\\PC{0,40}") {
            let once = plain(&text);
            prop_assert_eq!(plain(&once), once.clone());
        }
    }
}
