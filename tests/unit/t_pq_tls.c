#include "store/pq_tls.h"
#include "tests/t.h"

#include <string.h>

static int local(void)
{
	static const struct {
		const char *host, *hostaddr, *service;
		bool local;
	} row[] = {
		{NULL, NULL, NULL, true},
		{"", NULL, NULL, true},
		{"/run/postgresql", NULL, NULL, true},
		{"@abstract", NULL, NULL, true},
		{"localhost", NULL, NULL, true},
		{"127.0.0.1", NULL, NULL, true},
		{"127.8.8.8,::1,/run/pg", NULL, NULL, true},
		{"::1", NULL, NULL, true},
		{"db.example", "127.0.0.1", NULL, true},
		{"db.example", NULL, NULL, false},
		{"localhost.example", NULL, NULL, false},
		{"127.0.0.1.example", NULL, NULL, false},
		{"127.1", NULL, NULL, false},
		{"0.0.0.0", NULL, NULL, false},
		{"10.0.0.2", NULL, NULL, false},
		{"::ffff:127.0.0.1", NULL, NULL, false},
		{"localhost,db.example", NULL, NULL, false},
		{"localhost", "192.0.2.1", NULL, false},
		{"db.example,localhost", ",127.0.0.1", NULL, false},
		{NULL, NULL, "shop", false},
		{"localhost", NULL, "shop", false},
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct rcd_pq_place at = {row[i].host, row[i].hostaddr, row[i].service, NULL, NULL};

		T_INT(rcd_pq_is_local(&at), row[i].local);
	}
out:
	return ret;
}

/* mode and roots: what is set beside the URL; "-": nothing, "!": refused. */
static int modes(void)
{
	static const struct {
		const char *host, *sslmode, *sslrootcert, *mode, *roots;
	} row[] = {
		{"db.example", NULL, NULL, "verify-full", "ROOTS"},
		{"db.example", NULL, "/my.crt", "verify-full", "-"},
		{"db.example", "verify-full", NULL, "-", "ROOTS"},
		{"db.example", "verify-ca", NULL, "-", "ROOTS"},
		{"db.example", "verify-full", "/my.crt", "-", "-"},
		{"db.example", "require", NULL, "-", "-"},
		{"db.example", "prefer", NULL, "!", "-"},
		{"db.example", "allow", NULL, "!", "-"},
		{"db.example", "disable", NULL, "!", "-"},
		{"127.0.0.1", NULL, NULL, "-", "-"},
		{"127.0.0.1", "disable", NULL, "-", "-"},
		{"127.0.0.1", "verify-full", NULL, "-", "ROOTS"},
		{"/run/pg", "prefer", NULL, "-", "-"},
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct rcd_pq_place at = {row[i].host, NULL, NULL, row[i].sslmode,
		                                row[i].sslrootcert};
		struct rcd_pq_tls got = {NULL, NULL};
		struct rcd_err err = {0};

		if (rcd_pq_tls(&at, "ROOTS", &got, &err) != 0) {
			T_STR("!", row[i].mode);
			T_INT(err.code, RCD_INVAL);
			T_OK(strstr(err.msg, row[i].sslmode) != NULL);
			continue;
		}
		T_STR(got.sslmode != NULL ? got.sslmode : "-", row[i].mode);
		T_STR(got.sslrootcert != NULL ? got.sslrootcert : "-", row[i].roots);
	}
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"local", local, 0},
	{"modes", modes, 0},
	{NULL, NULL, 0},
};
