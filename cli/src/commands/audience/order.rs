//! Work on several cores whose results come in the order of the work.

use crate::failure::{Failure, Result};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// So many tasks wait for each worker, and so many pieces of its results for their turn: memory is limited by it.
const TASKS: usize = 2;
const PIECES: usize = 8;

/// Takes what it is given, and says whether anybody wants more.
pub(super) type Give<'g, T> = dyn FnMut(T) -> bool + 'g;

/// Does the tasks that `read` gives, on so many threads; `take` gets what comes of each, in the order of the tasks, in as
/// many pieces as a worker gives. The first failure ends it all: where nobody takes tasks or pieces any more, who gives
/// them is told so.
pub(super) fn in_order<T, P, W>(
    threads: usize,
    read: impl FnOnce(&mut dyn FnMut(T) -> bool) -> Result<()> + Send,
    worker: impl Fn() -> Result<W> + Sync,
    mut take: impl FnMut(P) -> Result<()>,
) -> Result<()>
where
    T: Send,
    P: Send,
    W: FnMut(T, &mut Give<'_, P>) -> Result<()>,
{
    std::thread::scope(|scope| {
        let mut tasks: Vec<SyncSender<T>> = Vec::new();
        let mut results: Vec<Receiver<Came<P>>> = Vec::new();
        for _ in 0..threads {
            let (give, given) = sync_channel::<T>(TASKS);
            let (send, received) = sync_channel(PIECES);
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
        while let Ok(came) = results[next % threads].recv() {
            match came? {
                Some(piece) => take(piece)?,
                None => next += 1,
            }
        }
        drop(results);
        reader.join().unwrap_or_else(|_| Err(Failure::new("the profiles can't be read")))
    })
}

/// A piece of what a task comes to; none where there are no more.
type Came<P> = Result<Option<P>>;

fn work<T, P, W: FnMut(T, &mut Give<'_, P>) -> Result<()>>(
    worker: impl Fn() -> Result<W>,
    given: Receiver<T>,
    send: &SyncSender<Came<P>>,
) {
    let mut work = match worker() {
        Ok(work) => work,
        Err(failure) => return drop(send.send(Err(failure))),
    };
    for task in given {
        let done = work(task, &mut |piece| send.send(Ok(Some(piece))).is_ok());
        let failed = done.is_err();
        if send.send(done.map(|()| None)).is_err() || failed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn pieces_come_in_the_order_of_the_tasks_and_nobody_is_far_ahead() {
        const THREADS: usize = 3;
        for pieces in [1, 4, 50] {
            let made = AtomicUsize::new(0);
            let worker = || {
                Ok(|task: usize, give: &mut Give<'_, usize>| {
                    for piece in 0..pieces {
                        made.fetch_add(1, Ordering::SeqCst);
                        assert!(give(task * pieces + piece));
                    }
                    Ok(())
                })
            };
            let read = |give: &mut dyn FnMut(usize) -> bool| {
                assert!((0..20).all(give));
                Ok(())
            };
            let mut next = 0;
            let take = |piece| {
                assert_eq!(piece, next);
                next += 1;
                // Those that wait, and of each worker one that it would give.
                assert!(made.load(Ordering::SeqCst) <= next + THREADS * (PIECES + 1));
                Ok(())
            };
            in_order(THREADS, read, worker, take).expect("nothing fails");
            assert_eq!(next, 20 * pieces);
        }
    }

    #[test]
    fn a_failure_ends_it_all() {
        let worker = || {
            Ok(|task: usize, give: &mut Give<'_, usize>| {
                give(task);
                if task == 7 { Err(Failure::new("seven")) } else { Ok(()) }
            })
        };
        let endless = |give: &mut dyn FnMut(usize) -> bool| {
            (0..).all(give);
            Ok(())
        };
        let mut last = 0;
        let failed = in_order(2, endless, worker, |piece| {
            last = piece;
            Ok(())
        });
        assert!(failed.is_err());
        assert_eq!(last, 7);
        let endless_pieces = || {
            Ok(|_: usize, give: &mut Give<'_, usize>| {
                while give(1) {}
                Ok(())
            })
        };
        assert!(in_order(2, endless, endless_pieces, |_| Err(Failure::new("full"))).is_err());
    }
}
