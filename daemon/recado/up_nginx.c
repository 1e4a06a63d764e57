#include "daemon/recado/up.h"

#include "daemon/place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define RULES "recado-locations.conf"
#define STORE_RULES "recado-media-s3.conf"

/* The rules themselves stand in one file for this and for the site of a server; here is only
 * what differs: everything below the folder, plain HTTP, loopback. Paths are relative to the
 * folder (nginx is started there, with it as prefix), an include to nginx.conf's own. */
static const char head_text[] =
	"# Written by `recado up` at each start: changes here are lost.\n"
	"%s" /* user */
	"daemon off;\n"
	"worker_processes 2;\n"
	"worker_shutdown_timeout 15s;\n"
	"worker_rlimit_nofile 16384;\n"
	"pid run/nginx.pid;\n"
	"error_log " RCD_UP_NGINX_LOG " warn;\n"
	"events {\n"
	"\tworker_connections 8192;\n"
	"}\n"
	"http {\n"
	"\taccess_log off;\n"
	"\tclient_body_temp_path run/nginx/body;\n"
	"\tfastcgi_temp_path run/nginx/fastcgi;\n"
	"\tproxy_temp_path run/nginx/proxy;\n"
	"\tscgi_temp_path run/nginx/scgi;\n"
	"\tuwsgi_temp_path run/nginx/uwsgi;\n"
	"\tmap $binary_remote_addr $recado_client {\n"
	"\t\t\"~(?s)^(?<recado_net>.{8}).{8}$\" $recado_net;\n" /* IPv6: the /64 */
	"\t\tdefault $binary_remote_addr;\n"
	"\t}\n"
	"\tlimit_req_zone $recado_client zone=recado:1m rate=100r/s;\n"
	"\tlimit_req_zone $recado_client zone=recado_audio:1m rate=200r/s;\n"
	"\tlimit_conn_zone $recado_client zone=recado_conn:1m;\n"
	"%s" /* trusted proxies */
	"\tupstream recado {\n"
	"\t\tserver unix:" RCD_UP_SOCKET " max_fails=0;\n"
	"\t\tserver unix:" RCD_UP_SOCKET " max_fails=0;\n"
	"\t}\n"
	"\tserver {\n"
	"\t\tlisten 127.0.0.1:%d backlog=1024;\n"
	"\t\tset $recado_audio \"%s\";\n"
	"\t\tinclude " RULES ";\n"
	"%s" /* an object store's */
	"\t}\n"
	"}\n";

/* A new file in the place of an old one, or of a link. */
static int write_file(const char *path, const char *text, size_t n, struct rcd_err *err)
{
	int fd = unlink(path) == 0 || errno == ENOENT
	             ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640)
	             : -1;
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool bad;

	if (f == NULL) {
		(void)rcd_fail_errno(err, "cannot write %s", path);
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	bad = fwrite(text, 1, n, f) != n;
	if (fclose(f) != 0 || bad)
		return rcd_fail_errno(err, "cannot write %s", path);
	return 0;
}

/* A copy beside nginx.conf, so that no foreign path has to be quoted in it. */
static int copy_rules(const char *name, struct rcd_err *err)
{
	char from[PATH_MAX], to[64], text[16384];
	size_t n;
	FILE *f;

	(void)snprintf(to, sizeof(to), "nginx/%s", name);
	if (rcd_place_shared(to, to, from, sizeof(from), err))
		return -1;
	f = fopen(from, "re");
	if (f == NULL)
		return rcd_fail_errno(err, "cannot read %s", from);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	if (n == 0 || n == sizeof(text))
		return rcd_fail(err, RCD_LIMIT, 0, "%s is empty or over 16 KiB", from);
	(void)snprintf(to, sizeof(to), "run/%s", name);
	return write_file(to, text, n, err);
}

/* The resolver for the host name of an object store: the one of this machine. "": none; not
 * needed for an address. */
static void find_resolver(char out[96])
{
	FILE *f = fopen("/etc/resolv.conf", "re");
	char line[256], addr[64];

	out[0] = '\0';
	while (f != NULL && out[0] == '\0' && fgets(line, sizeof(line), f) != NULL) {
		struct rcd_sv v = rcd_sv_trim(rcd_sv(line));
		bool v6;

		if (!rcd_sv_starts(v, RCD_SV("nameserver")))
			continue;
		v = rcd_sv_trim(rcd_sv_skip(v, sizeof("nameserver") - 1));
		if (v.n == 0 || v.n >= sizeof(addr) || memchr(v.p, '%', v.n) != NULL)
			continue;
		(void)snprintf(addr, sizeof(addr), "%.*s", RCD_SV_ARG(v));
		v6 = strchr(addr, ':') != NULL;
		if (addr[strspn(addr, "0123456789abcdefABCDEF.:")] == '\0')
			(void)snprintf(out, 96, "\t\tresolver %s%s%s valid=30s;\n", v6 ? "[" : "", addr,
			               v6 ? "]" : "");
	}
	if (f != NULL)
		(void)fclose(f);
}

static int store_rules(char out[160], struct rcd_err *err)
{
	char line[96];

	find_resolver(line);
	(void)snprintf(out, 160, "%s\t\tinclude " STORE_RULES ";\n", line);
	return copy_rules(STORE_RULES, err);
}

/* The path relative to the folder, so that the path of the folder may contain any character. */
static const char *make_relative(const char *path)
{
	char here[PATH_MAX];
	size_t n;

	if (getcwd(here, sizeof(here)) == NULL)
		return path;
	n = strlen(here);
	return strncmp(path, here, n) == 0 && path[n] == '/' ? path + n + 1 : path;
}

/* The names were checked when the configuration was read. */
static void write_trusted(char *const *proxy, struct rcd_buf *out)
{
	for (; *proxy != NULL; proxy++)
		rcd_buf_fmt(out, "\tset_real_ip_from %s;\n", *proxy);
	rcd_buf_str(out, "\treal_ip_header X-Forwarded-For;\n\treal_ip_recursive on;\n");
}

int rcd_up_nginx_conf(int port, const struct rcd_conf *conf, bool root, struct rcd_err *err)
{
	const char *audio_dir = make_relative(conf->audio_dir);
	char store[160] = "";
	struct rcd_buf b, trusted;
	int rc = -1;

	/* these cannot be quoted in a value of `set` */
	if (audio_dir[strcspn(audio_dir, "$\"\\\n\r")] != '\0')
		return rcd_fail(err, RCD_INVAL, 0, "audio_dir must not hold $, \", \\ or a line end");
	if (copy_rules(RULES, err) || (conf->blobs.s3 != NULL && store_rules(store, err)))
		return -1;
	rcd_buf_init(&b, 16384);
	rcd_buf_init(&trusted, 8192);
	write_trusted(conf->trusted_proxies, &trusted);
	rcd_buf_fmt(&b, head_text, root ? "user root;\n" : "", trusted.bad ? "" : trusted.p, port,
	            audio_dir, store);
	if (b.bad || trusted.bad)
		rcd_fail_nomem(err);
	else
		rc = write_file(RCD_UP_NGINX_CONF, b.p, b.n, err);
	rcd_buf_free(&trusted);
	rcd_buf_free(&b);
	return rc;
}
