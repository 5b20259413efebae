#![no_main]
// A panic inside a decoder is caught and told (`CleanRefused::DecoderFailed`): libFuzzer's hook would end the process.
libfuzzer_sys::fuzz_target!(
    init: {
        let _ = std::panic::take_hook();
    },
    |data: &[u8]| mifeng_fuzz::image(data)
);
