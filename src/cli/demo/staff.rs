//! The demo's staff: one or two a role, with passwords and one-time codes drawn afresh.

use crate::{
    ids::StaffId,
    policy::Role,
    signing::SigningKey,
    staff::{SealedSigningKey, hash_password, new_code_secret},
    store::Account,
};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret};

/// What somebody needs to log in, as `demo.json` has it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Login {
    pub login: String,
    pub name: String,
    /// Which part this account plays, in English.
    pub part: String,
    /// `console` or `office`.
    pub face: String,
    pub roles: Vec<Role>,
    pub password: String,
    /// Base32; SHA-1, 6 digits, 30 seconds.
    pub totp_secret: String,
}

/// One member of the demo's staff.
pub struct Member {
    pub login: Login,
    pub account: Account,
    /// Of approvers; in the store it lies under their password.
    pub signing: Option<SigningKey>,
}

impl Member {
    pub fn id(&self) -> StaffId {
        StaffId(self.login.login.clone())
    }
}

impl Login {
    /// The code the phone would show at that second.
    pub fn code(&self, unix_seconds: i64) -> Result<String, Box<dyn std::error::Error>> {
        let secret = Secret::try_from_base32(&self.totp_secret).map_err(|_| "the secret is not base32")?;
        let totp = Builder::new().with_secret(secret).with_digits(6).with_step_duration(30).build()?;
        Ok(totp.generate(u64::try_from(unix_seconds)?).to_string())
    }
}

/// log-in, name, role, part, number in the recipient set. All but those of [`CITY`] belong to the body above all others.
const PARTS: [(&str, &str, Role, &str, Option<u8>); 17] = [
    ("clerk", "受理员 方圆", Role::Clerk, "accepts or declines, assigns", None),
    ("investigator", "核查员 石一", Role::Investigator, "verifies, concludes, replies", None),
    ("investigator2", "核查员 石二", Role::Investigator, "verifies, concludes, replies", None),
    ("zibo-clerk", "受理员 齐平", Role::Clerk, "the same, at the city bureau of Zibo", None),
    ("zibo-inv", "核查员 齐石", Role::Investigator, "the same, at the city bureau of Zibo", None),
    ("approver", "审批人 严一", Role::Approver, "approves awards (the first of two)", None),
    ("approver2", "审批人 严二", Role::Approver, "approves awards (the second of two)", None),
    ("trustee1", "保管人 甲", Role::Trustee, "turns one lock, with key trustee-1.key", Some(1)),
    ("trustee2", "保管人 乙", Role::Trustee, "turns one lock, with key trustee-2.key", Some(2)),
    ("trustee3", "保管人 丙", Role::Trustee, "turns one lock, with key trustee-3.key", Some(3)),
    ("officer", "奖励发放员 金平", Role::RewardOfficer, "opens one identity and pays (office face)", None),
    ("officer2", "奖励发放员 金安", Role::RewardOfficer, "confirms what the first has recorded", None),
    ("auditor", "审计员 明镜", Role::Auditor, "reads what staff did", None),
    ("leader", "负责人 高远", Role::Leader, "reads figures, is told what is late", None),
    ("zibo-leader", "负责人 齐高", Role::Leader, "the same, at the city bureau of Zibo", None),
    ("admin", "系统管理员 管仲", Role::Administrator, "makes accounts", None),
    ("admin2", "系统管理员 鲍叔", Role::Administrator, "confirms what other systems may read", None),
];

/// The body of the accounts whose log-in begins so.
const CITY: (&str, &str) = ("zibo", "city_370300");

pub fn draw(rng: &mut impl CryptoRng) -> Result<Vec<Member>, Box<dyn std::error::Error>> {
    let mut members = Vec::new();
    for (login, name, role, part, trustee) in PARTS {
        let password = super::super::staff::password(rng).to_string();
        let id = StaffId(login.into());
        let signing = (role == Role::Approver).then(|| SigningKey::generate(rng));
        let sealed = match &signing {
            Some(key) => Some(SealedSigningKey::seal(key, &id, &password, rng)?),
            None => None,
        };
        let account = Account {
            id,
            name: name.into(),
            roles: [role].into(),
            body: if login.starts_with(CITY.0) { CITY.1.into() } else { String::new() },
            trustee,
            password: hash_password(&password, rng)?,
            totp_secret: new_code_secret(rng),
            totp_step: 0,
            disabled: false,
            must_change_password: false,
            signing_key: sealed,
            ways: Default::default(),
        };
        let login = Login {
            login: login.into(),
            name: name.into(),
            part: part.into(),
            face: if role == Role::RewardOfficer { "office" } else { "console" }.into(),
            roles: vec![role],
            password,
            totp_secret: account.totp_secret.clone(),
        };
        members.push(Member { login, account, signing });
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_played_and_no_two_share_a_log_in() {
        let members = draw(&mut rand::rng()).unwrap();
        for role in Role::ALL {
            assert!(members.iter().any(|m| m.login.roles.contains(&role)), "{role:?}");
        }
        let logins: std::collections::BTreeSet<_> = members.iter().map(Member::id).collect();
        assert_eq!(logins.len(), members.len());
    }

    #[test]
    fn the_printed_code_is_the_one_that_lets_in() {
        let members = draw(&mut rand::rng()).unwrap();
        let login = &members[0].login;
        let code = login.code(1_800_000_000).unwrap();
        assert!(crate::staff::check_code(&login.totp_secret, &code, 1_800_000_000, 0).is_some());
    }
}
