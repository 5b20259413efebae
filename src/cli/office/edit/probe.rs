//! What ffprobe says of a film or recording, and whether what is wished can be done to it.

use super::{
    Failed,
    outside::{Source, named},
    programs::run,
    wishes::Wishes,
};
use serde::Deserialize;
use std::{ffi::OsString, time::Duration};

/// It reads heads and an index.
const WITHIN: Duration = Duration::from_secs(5 * 60);
/// Places and cuts that one signed statement has room for, beside the sentences about pictures and sound.
const MOST_WISHES: usize = 60;

/// What it consists of.
#[derive(Debug)]
pub(super) struct Probed {
    /// Width and height as everybody sees it, and seconds; `None`: a recording.
    pub pictures: Option<((u32, u32), Option<u32>)>,
    pub has_sound: bool,
    /// Begun seconds of the whole.
    seconds: Option<u32>,
}

pub(super) fn probe(source: &Source) -> Result<Probed, Failed> {
    let asks = "stream=codec_type,width,height,duration:stream_disposition=attached_pic:stream_side_data=rotation:\
                format=duration";
    let mut args: Vec<OsString> =
        ["-v", "error", "-of", "json", "-show_entries", asks].map(Into::into).into();
    args.extend(source.options().map(Into::into));
    args.extend(["-i".into(), named(source.path)]);
    let said: Said = serde_json::from_slice(&run("ffprobe", args, WITHIN)?)?;
    Ok(Probed::of(&said))
}

impl Probed {
    fn of(said: &Said) -> Self {
        let whole = seconds(said.format.duration.as_deref());
        // The picture on a record's sleeve is no film.
        let pictures = said.streams.iter().find(|s| s.is("video") && s.disposition.attached_pic == 0);
        Self {
            pictures: pictures.map(|s| (s.size(), seconds(s.duration.as_deref()).or(whole))),
            has_sound: said.streams.iter().any(|s| s.is("audio")),
            seconds: whole,
        }
    }

    /// The last begun second of its pictures, as in `0-12`.
    pub fn last_picture(&self) -> Option<u32> {
        self.pictures?.1?.checked_sub(1)
    }

    /// Refuses what would do nothing to it: the office signs what is done, not what was typed.
    pub fn can_be(&self, wishes: &Wishes) -> Result<(), Failed> {
        if wishes.covers.len() + wishes.cuts.len() > MOST_WISHES {
            return Err(format!("at most {MOST_WISHES} places and cuts at once").into());
        }
        let untold = "how long it is cannot be told: save it as MP4 with another program first";
        for cover in &wishes.covers {
            let (size, _) = self.pictures.ok_or("a recording has nothing to cover")?;
            if cover.within(size).is_none() {
                return Err(cover.is_beside(size).into());
            }
            let last = self.last_picture().ok_or(untold)?;
            cover.time.map_or(Ok(()), |time| time.is_within(last))?;
        }
        if !wishes.cuts.is_empty() {
            let whole = self.seconds.ok_or(untold)?.max(self.last_picture().map_or(0, |last| last + 1));
            for cut in &wishes.cuts {
                cut.is_within(whole - 1)?;
            }
            let is_cut = |second| wishes.cuts.iter().any(|cut| cut.from <= second && second <= cut.to);
            if (0..whole).all(is_cut) {
                return Err("nothing would be left".into());
            }
        }
        Ok(())
    }
}

/// Begun seconds count.
fn seconds(text: Option<&str>) -> Option<u32> {
    let seconds: f64 = text?.parse().ok()?;
    (seconds > 0.0).then(|| seconds.ceil().clamp(1.0, 1e6) as u32)
}

#[derive(Deserialize)]
struct Said {
    streams: Vec<Stream>,
    format: Format,
}
#[derive(Deserialize)]
struct Stream {
    codec_type: Option<String>,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    duration: Option<String>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}
#[derive(Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
}
#[derive(Deserialize)]
struct SideData {
    /// Degrees; a telephone held upright writes 90 or -90.
    rotation: Option<f64>,
}
#[derive(Deserialize)]
struct Format {
    duration: Option<String>,
}

impl Stream {
    fn is(&self, kind: &str) -> bool {
        self.codec_type.as_deref() == Some(kind)
    }

    /// The right way up, as ffmpeg turns it before it paints anything over.
    fn size(&self) -> (u32, u32) {
        let turned = self.side_data_list.iter().filter_map(|data| data.rotation);
        let is_on_its_side = turned.into_iter().any(|degrees| (degrees.abs() % 180.0 - 90.0).abs() < 1.0);
        if is_on_its_side { (self.height, self.width) } else { (self.width, self.height) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Probed {
        Probed::of(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn a_film_held_upright_is_measured_as_it_is_seen_and_a_sleeve_is_no_film() {
        let film = said(
            r#"{"streams":[{"codec_type":"video","width":640,"height":360,"duration":"9.2",
                "side_data_list":[{"rotation":-90}]},{"codec_type":"audio"}],"format":{"duration":"12.0"}}"#,
        );
        assert_eq!(film.pictures, Some(((360, 640), Some(10))));
        assert_eq!((film.has_sound, film.last_picture()), (true, Some(9)));
        let song = said(
            r#"{"streams":[{"codec_type":"audio"},{"codec_type":"video","width":9,"height":9,
                "disposition":{"attached_pic":1}}],"format":{"duration":"3.0"}}"#,
        );
        assert!(song.pictures.is_none() && song.seconds == Some(3));
    }
}
