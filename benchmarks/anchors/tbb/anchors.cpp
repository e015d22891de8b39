// oneTBB at the works of fire, results, ping and fork-join. The protocol is in ../anchors.go.

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_group.h>
#include <oneapi/tbb/version.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

using oneapi::tbb::global_control;
using oneapi::tbb::task_group;

constexpr int batch = 1000, warm = 1000, fib_of = 25, fib_want = 75025;

// Counts the tasks of a warm-up, which have negative arguments.
std::atomic<int> warmed;

// The empty task.
int inc(int arg) {
	if (arg < 0) warmed.fetch_add(1, std::memory_order_relaxed);
	return arg + 1;
}

void check(int got, int want) {
	if (got == want) return;
	std::cerr << "got " << got << ", want " << want << std::endl;
	std::exit(1);
}

void fire(int from, int n) {
	task_group group;
	for (int i = from; i < from + n; i++) {
		group.run([i] { inc(i); });
	}
	group.wait();
}

void results(int n) {
	task_group group;
	std::vector<int> out(batch);
	for (; n > 0; n -= batch) {
		std::fill(out.begin(), out.end(), 0);
		for (int i = 0; i < batch; i++) {
			group.run([&out, i] { out[i] = inc(i); });
		}
		group.wait();
		for (int i = 0; i < batch; i++) check(out[i], i + 1);
	}
}

void ping(int n) {
	task_group group;
	for (int i = 0; i < n; i++) {
		int v = 0;
		group.run([&v, i] { v = inc(i); });
		group.wait();
		check(v, i + 1);
	}
}

int fib(int n) {
	if (n < 2) return n;
	int x;
	task_group group;
	group.run([&x, n] { x = fib(n - 1); });
	int y = fib(n - 2);
	group.wait();
	return x + y;
}

void run(const std::string& work, int from, int n) {
	if (work == "fire") {
		fire(from, n);
	} else if (work == "results") {
		results(n);
	} else if (work == "ping") {
		ping(n);
	} else if (work == "fork-join") {
		for (int i = 0; i < n; i++) check(fib(fib_of), fib_want);
	} else {
		std::cerr << "no work " << work << std::endl;
		std::exit(1);
	}
}

int main(int, char** argv) {
	global_control limit(global_control::max_allowed_parallelism, std::atoi(argv[1]));
	std::cout << "contender\toneTBB\toneTBB " << TBB_VERSION_MAJOR << '.' << TBB_VERSION_MINOR << '.' << TBB_VERSION_PATCH
		<< "\t`task_group`, its `run` and `wait`; who waits helps, and is one of the threads. Its queue has no bound\nready"
		<< std::endl;
	std::string contender, work;
	for (int n; std::cin >> contender >> work >> n;) {
		int steps = work == "fork-join" ? 1 : warm;
		warmed = 0;
		run(work, -steps, steps);
		if (work == "fire") check(warmed, steps);
		auto start = std::chrono::steady_clock::now();
		run(work, 0, n);
		auto took = std::chrono::steady_clock::now() - start;
		std::cout << std::chrono::nanoseconds(took).count() << std::endl;
	}
}
