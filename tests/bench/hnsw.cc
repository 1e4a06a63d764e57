/* The peer: hnswlib over the same vectors (what `vectors make` and `vectors ask` left in FOLDER).
 *
 *   hnsw FOLDER DIMENSIONS      M = 16, ef of the build 100; one line of JSON for the build and for
 *                               each ef of a query */

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include <hnswlib/hnswlib.h>
#include <sys/resource.h>

static const size_t top = 10;

template <class T> static std::vector<T> read_all(const std::string &path)
{
	std::ifstream f(path, std::ios::binary | std::ios::ate);
	std::vector<T> v(f ? static_cast<size_t>(f.tellg()) / sizeof(T) : 0);

	f.seekg(0);
	if (v.empty() || !f.read(reinterpret_cast<char *>(v.data()), static_cast<std::streamsize>(v.size() * sizeof(T)))) {
		std::fprintf(stderr, "hnsw: %s cannot be read\n", path.c_str());
		std::exit(1);
	}
	return v;
}

static double seconds(clockid_t clock)
{
	timespec t;

	clock_gettime(clock, &t);
	return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

static double rss_mb()
{
	rusage u;

	getrusage(RUSAGE_SELF, &u);
	return static_cast<double>(u.ru_maxrss) / 1024;
}

static void ask(hnswlib::HierarchicalNSW<float> &index, const std::vector<float> &query,
                const std::vector<int> &truth, size_t dimensions, size_t ef)
{
	std::vector<double> wall, cpu;
	size_t hits = 0, queries = query.size() / dimensions;

	index.setEf(ef);
	for (size_t i = 0; i < queries; i++) {
		double began = seconds(CLOCK_MONOTONIC), cpu_began = seconds(CLOCK_THREAD_CPUTIME_ID);
		auto got = index.searchKnn(query.data() + i * dimensions, top);

		wall.push_back(seconds(CLOCK_MONOTONIC) - began);
		cpu.push_back(seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_began);
		for (; !got.empty(); got.pop())
			hits += static_cast<size_t>(std::count(truth.begin() + static_cast<long>(i * top),
			                                       truth.begin() + static_cast<long>((i + 1) * top),
			                                       static_cast<int>(got.top().second)));
	}
	std::sort(wall.begin(), wall.end());
	std::sort(cpu.begin(), cpu.end());
	std::printf("{\"what\": \"hnswlib, ef %zu\", \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f,"
	            " \"cpu_ms\": %.3f, \"recall\": %.4f}\n", ef, wall[queries / 2] * 1e3,
	            wall[queries * 99 / 100] * 1e3, wall[queries - 1] * 1e3, cpu[queries / 2] * 1e3,
	            static_cast<double>(hits) / static_cast<double>(queries * top));
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		std::fprintf(stderr, "usage: hnsw FOLDER DIMENSIONS\n");
		return 2;
	}
	const std::string folder = argv[1];
	const size_t dimensions = std::strtoul(argv[2], nullptr, 10);
	std::vector<float> corpus = read_all<float>(folder + "/corpus.f32");
	const size_t rows = corpus.size() / dimensions;
	double began = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	hnswlib::InnerProductSpace space(dimensions);
	hnswlib::HierarchicalNSW<float> index(&space, rows, 16, 100);

	for (size_t i = 0; i < rows; i++)
		index.addPoint(corpus.data() + i * dimensions, i);
	corpus = {};
	std::printf("{\"what\": \"hnswlib, build\", \"s\": %.1f, \"cpu_s\": %.1f, \"rss_mb\": %.0f}\n",
	            seconds(CLOCK_MONOTONIC) - began, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, rss_mb());
	for (size_t ef : {20, 50, 100})
		ask(index, read_all<float>(folder + "/query.f32"), read_all<int>(folder + "/truth.i32"), dimensions, ef);
	return 0;
}
