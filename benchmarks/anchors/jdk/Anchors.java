import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The JDK's executors at the works of fire, results, ping and fork-join. The protocol is in ../anchors.go. */
public final class Anchors {
	static final int BATCH = 1000, WARM = 1000, FIB = 25, FIB_WANT = 75025;

	/** Counts the tasks of a warm-up, which have negative arguments. */
	static final AtomicLong warmed = new AtomicLong();

	/** The empty task. */
	static int inc(int arg) {
		if (arg < 0) {
			warmed.incrementAndGet();
		}
		return arg + 1;
	}

	static final class Fib extends RecursiveTask<Integer> {
		final int n;

		Fib(int n) {
			this.n = n;
		}

		@Override
		protected Integer compute() {
			if (n < 2) {
				return n;
			}
			Fib x = new Fib(n - 1);
			x.fork();
			int y = new Fib(n - 2).compute();
			return x.join() + y;
		}
	}

	static void fire(ExecutorService pool, int from, int n) {
		for (int i = from; i < from + n; i++) {
			int arg = i;
			pool.execute(() -> inc(arg));
		}
	}

	static void join(ExecutorService pool) throws Exception {
		pool.shutdown();
		check(pool.awaitTermination(1, TimeUnit.HOURS) ? 1 : 0, 1);
	}

	static void results(ExecutorService pool, int n) throws Exception {
		List<Future<Integer>> futures = new ArrayList<>(BATCH);
		for (; n > 0; n -= BATCH) {
			for (int i = 0; i < BATCH; i++) {
				int arg = i;
				futures.add(pool.submit(() -> inc(arg)));
			}
			for (int i = 0; i < BATCH; i++) {
				check(futures.get(i).get(), i + 1);
			}
			futures.clear();
		}
	}

	static void ping(ExecutorService pool, int n) throws Exception {
		for (int i = 0; i < n; i++) {
			int arg = i;
			check(pool.submit(() -> inc(arg)).get(), i + 1);
		}
	}

	static void forkJoin(ExecutorService pool, int n) {
		for (int i = 0; i < n; i++) {
			check(((ForkJoinPool) pool).invoke(new Fib(FIB)), FIB_WANT);
		}
	}

	static void check(int got, int want) {
		if (got != want) {
			throw new IllegalStateException("got " + got + ", want " + want);
		}
	}

	/**
	 * A ThreadPoolExecutor with a bound of 1024 would have to reject, or with CallerRunsPolicy run most of the
	 * empty tasks in the producer, without a hand-over: not what fire is about.
	 */
	static ExecutorService start(String contender, int workers) {
		switch (contender) {
			case "ForkJoinPool":
				return new ForkJoinPool(workers);
			case "ThreadPoolExecutor":
				return Executors.newFixedThreadPool(workers);
			default:
				throw new IllegalArgumentException(contender);
		}
	}

	static void run(ExecutorService pool, String work, int n) throws Exception {
		switch (work) {
			case "fire" -> fire(pool, 0, n);
			case "results" -> results(pool, n);
			case "ping" -> ping(pool, n);
			case "fork-join" -> forkJoin(pool, n);
			default -> throw new IllegalArgumentException(work);
		}
	}

	static void warm(ExecutorService pool, String work) throws Exception {
		if (!work.equals("fire")) {
			run(pool, work, work.equals("fork-join") ? 1 : WARM);
			return;
		}
		warmed.set(0);
		fire(pool, -WARM, WARM);
		while (warmed.get() < WARM) {
			Thread.sleep(1);
		}
	}

	/** Nanoseconds of n steps, from before the first submit until the last task has run. */
	static long measure(String contender, String work, int n, int workers) throws Exception {
		ExecutorService pool = start(contender, workers);
		warm(pool, work);
		System.gc();
		long begin = System.nanoTime();
		run(pool, work, n);
		if (work.equals("fire")) {
			join(pool);
		}
		long took = System.nanoTime() - begin;
		join(pool);
		return took;
	}

	public static void main(String[] args) throws Exception {
		int workers = Integer.parseInt(args[0]);
		String version = "JDK " + System.getProperty("java.version");
		System.out.println("contender\tForkJoinPool\t" + version
			+ "\t`execute` and `shutdown`; `submit` and `get` from a thread that is not one of the pool's; for fork-join a `RecursiveTask` with `fork` and `join`. Its queue has no bound");
		System.out.println("contender\tThreadPoolExecutor\t" + version
			+ "\tthe same calls of what `Executors.newFixedThreadPool` returns, the way its documentation urges to make one. Its queue has no bound");
		System.out.println("cannot\tThreadPoolExecutor\tfork-join\tdeadlocks: a task that waits for another keeps its thread");
		System.out.println("ready");
		BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
		for (String line; (line = in.readLine()) != null; ) {
			String[] ask = line.split(" ");
			System.out.println(measure(ask[0], ask[1], Integer.parseInt(ask[2]), workers));
		}
	}
}
