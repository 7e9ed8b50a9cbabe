//! What loading costs: memory, time, and a stack of two MiB.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;
use std::time::{Duration, Instant};

/// The most memory that loading a document may take at any time.
pub const MOST_BYTES: usize = 64 << 20;

/// The longest that loading may take. The promise is a second in a release
/// build; the build that tests are usually run in is several times slower, and
/// more so beside other work. What grows too fast takes minutes.
pub const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 1 });

struct Counting;

thread_local! {
    static NOW: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

// The crate forbids unsafe code; an allocator that counts cannot do without.
#[expect(unsafe_code, reason = "a global allocator is an unsafe trait")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        NOW.with(|now| {
            now.set(now.get().saturating_add(layout.size()));
            MOST.with(|most| most.set(most.get().max(now.get())));
        });
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.with(|now| now.set(now.get().saturating_sub(layout.size())));
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The time that this thread has worked, where the system tells it; otherwise
/// the time that has passed.
fn worked(since: Instant) -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Runs something on a stack of two MiB and gives its result, if it kept within
/// time and memory.
pub fn bounded<T: Send + 'static>(name: &str, run: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let measured = thread.spawn(move || {
        let start = Instant::now();
        let (time, memory) = (worked(start), NOW.get());
        MOST.set(memory);
        let result = run();
        (
            result,
            worked(start).saturating_sub(time),
            MOST.get() - memory,
        )
    });
    let (result, time, memory) = measured
        .unwrap()
        .join()
        .unwrap_or_else(|_| panic!("{name}: a panic"));
    assert!(time <= LONGEST, "{name}: {time:?}");
    assert!(memory <= MOST_BYTES, "{name}: {memory} bytes");
    result
}
