//! Work on several cores whose results come in the order of the work.

use crate::failure::{Failure, Result};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// So many tasks wait for each worker, and so many of its results for their turn: memory is limited by it.
const AHEAD: usize = 2;

/// Does the tasks that `read` gives, on so many threads; `take` gets what comes of each, in the order of the tasks. The
/// first failure ends it all: where nobody takes tasks any more, `give` says no.
pub(super) fn in_order<T, D, W>(
    threads: usize,
    read: impl FnOnce(&mut dyn FnMut(T) -> bool) -> Result<()> + Send,
    worker: impl Fn() -> Result<W> + Sync,
    mut take: impl FnMut(D) -> Result<()>,
) -> Result<()>
where
    T: Send,
    D: Send,
    W: FnMut(T) -> Result<D>,
{
    std::thread::scope(|scope| {
        let mut tasks: Vec<SyncSender<T>> = Vec::new();
        let mut results: Vec<Receiver<Result<D>>> = Vec::new();
        for _ in 0..threads {
            let (give, given) = sync_channel::<T>(AHEAD);
            let (send, received) = sync_channel(AHEAD);
            let worker = &worker;
            scope.spawn(move || work(worker, given, &send));
            tasks.push(give);
            results.push(received);
        }
        let reader = scope.spawn(move || {
            let mut next = 0;
            read(&mut |task| {
                let is_taken = tasks[next % tasks.len()].send(task).is_ok();
                next += 1;
                is_taken
            })
        });
        // The worker whose turn it is has nothing more: neither have the others.
        let mut next = 0;
        while let Ok(done) = results[next % threads].recv() {
            take(done?)?;
            next += 1;
        }
        drop(results);
        reader.join().unwrap_or_else(|_| Err(Failure::new("the profiles can't be read")))
    })
}

fn work<T, D, W: FnMut(T) -> Result<D>>(
    worker: impl Fn() -> Result<W>,
    given: Receiver<T>,
    send: &SyncSender<Result<D>>,
) {
    let mut work = match worker() {
        Ok(work) => work,
        Err(failure) => return drop(send.send(Err(failure))),
    };
    for task in given {
        let done = work(task);
        let failed = done.is_err();
        if send.send(done).is_err() || failed {
            return;
        }
    }
}
