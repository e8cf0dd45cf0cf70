//! Reading is done over and over in an editor: nothing may stay behind.

/// Memory of this process, in bytes.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").expect("Linux tells");
    status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).expect("pages") * 4096
}

/// The rules of the parser are made for each text; those that need one another must not keep one another alive.
#[cfg(target_os = "linux")]
#[test]
fn reading_again_and_again_keeps_no_memory() {
    let read = || (0..500).for_each(|_| drop(comity_grammar::parse("let a = 1")));
    read();
    let before = resident();
    (0..6).for_each(|_| read());
    let more = resident().saturating_sub(before);
    assert!(more < 8 * 1024 * 1024, "{more} bytes stayed behind after 3,000 texts");
}
