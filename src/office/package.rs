//! The package for the officers' tool: put together once, kept, and handed out byte for byte until an outcome is
//! recorded. Only sealed parts are in it.

use super::{OfficeState, steps::is_apart};
use crate::{
    award::{claim::NotClaimed, record::Award, release::ReleasePackage},
    casework::Permission,
    clock::Day,
    staff::{Door, May, grant, notice},
    store::{Refused, Released},
    web::Face,
};
use axum::{
    extract::{FromRef, Path, State as Shared},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

const FORMAT: u16 = 1;

pub(super) async fn download(
    Shared(state): Shared<OfficeState>,
    may: May<grant::OpenPackage>,
    Path((_, number)): Path<(String, String)>,
) -> Response {
    let dossier = match state.find(may.lang, &number) {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let case = dossier.case.number;
    let here = format!("/{}/awards/{case}/package", may.lang.path());
    if let Some(question) = may.asked_to_prove(&Door::from_ref(&state), &here) {
        return question;
    }
    let today = state.clock.today();
    let Some(award) = dossier.award().filter(|award| award.is_released(today)) else {
        return notice(Face::Office, may.lang, StatusCode::CONFLICT, "office-no-package");
    };
    if !is_apart(&state, &may, &dossier, Permission::OpenPackage) {
        return notice(Face::Office, may.lang, StatusCode::CONFLICT, "office-apart");
    }
    if let Err(response) = state.note_read(&may, "package", case).await {
        return response;
    }
    match state.package(award, today).await {
        Ok(body) => {
            let name = format!("attachment; filename=\"package-{case}.json\"");
            let headers =
                [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)];
            (headers, body).into_response()
        }
        Err(cause) => state.down(may.lang, &cause),
    }
}

impl OfficeState {
    async fn package(&self, award: &Award, today: Day) -> Result<String, Refused> {
        let case = award.terms().case;
        if let Some(kept) = self.rewards.package(case, Released::Award(today))? {
            return Ok(kept);
        }
        let release = award.release().ok_or(Refused::NoSuchRelease)?;
        let package = ReleasePackage {
            format: FORMAT,
            set: self.set_file.clone(),
            roster: self.roster_file.clone(),
            terms: release.terms.clone(),
            approvals: award.approvals().to_vec(),
            claim: award.signed_claim().ok_or(Refused::Award(NotClaimed.into()))?,
            decision: award.decision().to_owned(),
            envelopes: self.rewards.envelopes(case, Released::Award(today))?,
            deposits: release.deposits.clone(),
            rules: award.rules().to_owned(),
        };
        let body = serde_json::to_string(&package).map_err(|e| Refused::Failed(e.to_string()))?;
        self.rewards.keep_package(case, Released::Award(today), body).await
    }
}
