#include "base/secret.h"

#include "base/crypto.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

bool rcd_secret_set(const struct rcd_secret *s)
{
	return s != NULL && s->n > 0;
}

struct rcd_sv rcd_secret_view(const struct rcd_secret *s)
{
	return s != NULL ? (struct rcd_sv){s->p, s->n} : (struct rcd_sv){NULL, 0};
}

int rcd_secret_put(struct rcd_secret *s, struct rcd_sv v, struct rcd_err *err)
{
	char *copy;

	v = rcd_sv_trim(v);
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < 0x20 || v.p[i] == 0x7f)
			return rcd_fail(err, RCD_INVAL, 0, "a secret holds a control character");
	copy = rcd_sv_dup(v);
	if (copy == NULL)
		return rcd_fail_nomem(err);
	rcd_secret_wipe(s);
	s->p = copy;
	s->n = v.n;
	return 0;
}

int rcd_secret_read(struct rcd_secret *s, const char *path, struct rcd_err *err)
{
	char text[4096];
	ssize_t n;
	int fd, ret;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return rcd_fail_errno(err, "%s", path);
	n = read(fd, text, sizeof(text));
	(void)close(fd);
	if (n < 0)
		return rcd_fail_errno(err, "%s", path);
	if ((size_t)n == sizeof(text))
		return rcd_fail(err, RCD_LIMIT, 0, "%s: a secret is at most 4095 bytes", path);
	ret = rcd_secret_put(s, (struct rcd_sv){text, (size_t)n}, err);
	rcd_wipe(text, sizeof(text));
	return ret;
}

void rcd_secret_wipe(struct rcd_secret *s)
{
	rcd_wipe(s->p, s->n);
	free(s->p);
	*s = (struct rcd_secret){0};
}
