//! rayon and tokio at the works of fire, results, ping and fork-join. The protocol is in ../anchors.go.

use std::future::Future;
use std::io::{self, BufRead, Write};
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

const BATCH: usize = 1000;
const WARM: i64 = 1000;
const FIB: u32 = 25;
const FIB_WANT: u64 = 75025;

/// Counts the tasks of a warm-up, which have negative arguments.
static WARMED: AtomicI64 = AtomicI64::new(0);

/// The empty task.
fn inc(arg: i64) -> i64 {
    if arg < 0 {
        WARMED.fetch_add(1, Ordering::Relaxed);
    }
    arg + 1
}

/// What a measurement does before its clock runs.
fn warm_up(work: &str) -> i64 {
    match work {
        "fork-join" => 1,
        _ => WARM,
    }
}

mod rayon_pool {
    use super::*;

    fn fire(pool: &rayon::ThreadPool, from: i64, n: i64) {
        pool.scope(|s| {
            for i in from..from + n {
                s.spawn(move |_| {
                    inc(i);
                });
            }
        });
    }

    fn results(pool: &rayon::ThreadPool, n: i64) {
        let mut out = vec![0; BATCH];
        for _ in 0..n as usize / BATCH {
            out.fill(0);
            pool.scope(|s| {
                for (i, o) in out.iter_mut().enumerate() {
                    s.spawn(move |_| *o = inc(i as i64));
                }
            });
            for (i, o) in out.iter().enumerate() {
                assert_eq!(*o, i as i64 + 1);
            }
        }
    }

    fn ping(pool: &rayon::ThreadPool, n: i64) {
        for i in 0..n {
            assert_eq!(pool.install(|| inc(i)), i + 1);
        }
    }

    fn fib(n: u32) -> u64 {
        if n < 2 {
            return n as u64;
        }
        let (x, y) = rayon::join(|| fib(n - 1), || fib(n - 2));
        x + y
    }

    fn run(pool: &rayon::ThreadPool, work: &str, from: i64, n: i64) {
        match work {
            "fire" => fire(pool, from, n),
            "results" => results(pool, n),
            "ping" => ping(pool, n),
            "fork-join" => (0..n).for_each(|_| assert_eq!(pool.install(|| fib(FIB)), FIB_WANT)),
            _ => panic!("no work {}", work),
        }
    }

    pub fn measure(work: &str, n: i64, workers: usize) -> Duration {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(workers).build().unwrap();
        let warm = warm_up(work);
        WARMED.store(0, Ordering::Relaxed);
        run(&pool, work, -warm, warm);
        assert!(work != "fire" || WARMED.load(Ordering::Relaxed) == warm);
        let start = Instant::now();
        run(&pool, work, 0, n);
        start.elapsed()
    }
}

mod tokio_runtime {
    use super::*;
    use std::sync::Arc;
    use tokio::sync::Notify;

    /// Nobody holds a handle, so the tasks count themselves; the last one wakes whoever waits.
    async fn fire(from: i64, n: i64) {
        struct Left(AtomicI64, Notify);
        let left = Arc::new(Left(AtomicI64::new(n), Notify::new()));
        for i in from..from + n {
            let left = left.clone();
            tokio::spawn(async move {
                inc(i);
                if left.0.fetch_sub(1, Ordering::AcqRel) == 1 {
                    left.1.notify_one();
                }
            });
        }
        left.1.notified().await;
    }

    async fn results(n: i64) {
        let mut handles = Vec::with_capacity(BATCH);
        for _ in 0..n as usize / BATCH {
            for i in 0..BATCH as i64 {
                handles.push(tokio::spawn(async move { inc(i) }));
            }
            for (i, h) in handles.drain(..).enumerate() {
                assert_eq!(h.await.unwrap(), i as i64 + 1);
            }
        }
    }

    async fn ping(n: i64) {
        for i in 0..n {
            assert_eq!(tokio::spawn(async move { inc(i) }).await.unwrap(), i + 1);
        }
    }

    fn fib(n: u32) -> Pin<Box<dyn Future<Output = u64> + Send>> {
        Box::pin(async move {
            if n < 2 {
                return n as u64;
            }
            let x = tokio::spawn(fib(n - 1));
            let y = fib(n - 2).await;
            x.await.unwrap() + y
        })
    }

    async fn run(work: &str, from: i64, n: i64) {
        match work {
            "fire" => fire(from, n).await,
            "results" => results(n).await,
            "ping" => ping(n).await,
            "fork-join" => {
                for _ in 0..n {
                    assert_eq!(fib(FIB).await, FIB_WANT);
                }
            }
            _ => panic!("no work {}", work),
        }
    }

    async fn client(work: String, n: i64) -> Duration {
        let warm = warm_up(&work);
        WARMED.store(0, Ordering::Relaxed);
        run(&work, -warm, warm).await;
        assert!(work != "fire" || WARMED.load(Ordering::Relaxed) == warm);
        let start = Instant::now();
        run(&work, 0, n).await;
        start.elapsed()
    }

    /// Inside, the client is a task of the runtime itself; outside, it has a thread of its own.
    pub fn measure(work: &str, n: i64, workers: usize, inside: bool) -> Duration {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).build().unwrap();
        let client = client(work.to_string(), n);
        if inside {
            runtime.block_on(runtime.spawn(client)).unwrap()
        } else {
            runtime.block_on(client)
        }
    }
}

/// The version of a crate that this was built with.
fn version(krate: &str) -> &'static str {
    let lock = include_str!("Cargo.lock");
    let at = lock.find(&format!("name = \"{}\"\n", krate)).unwrap();
    lock[at..].split('"').nth(3).unwrap()
}

fn main() {
    let workers: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    println!(
        "contender\trayon\trayon {}\t`scope` and its `spawn` for fire and results, each into its slot; `install` from a thread that is not one of the pool's for ping; `join` for fork-join. Its queue has no bound",
        version("rayon")
    );
    println!(
        "contender\ttokio\ttokio {}\t`spawn` by a task of the same runtime, as a goroutine's `go`, and `await`. Its queue has no bound",
        version("tokio")
    );
    println!(
        "contender\ttokio-outside\ttokio {}\tthe same by a thread that is not one of the runtime's, inside `block_on`",
        version("tokio")
    );
    println!("ready");
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        let ask: Vec<&str> = line.split(' ').collect();
        let (contender, work, n) = (ask[0], ask[1], ask[2].parse().unwrap());
        let took = match contender {
            "rayon" => rayon_pool::measure(work, n, workers),
            "tokio" => tokio_runtime::measure(work, n, workers, true),
            "tokio-outside" => tokio_runtime::measure(work, n, workers, false),
            _ => panic!("no contender {}", contender),
        };
        println!("{}", took.as_nanos());
        io::stdout().flush().unwrap();
    }
}
