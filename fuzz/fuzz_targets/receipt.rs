#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| mifeng_fuzz::receipt(data));
