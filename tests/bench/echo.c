/* The least that libfcgi can do behind nginx: reads the body, answers what a webhook answers.
 *
 *   echo SOCKET PROCESSES */

#include <fcgiapp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int serve(int listen_fd)
{
	FCGX_Request r;

	if (FCGX_InitRequest(&r, listen_fd, 0) != 0)
		return 1;
	while (FCGX_Accept_r(&r) == 0) {
		char body[8192];

		while (FCGX_GetStr(body, sizeof(body), r.in) == (int)sizeof(body))
			;
		(void)FCGX_PutS("Content-Type: text/xml\r\nContent-Length: 11\r\n\r\n<Response/>", r.out);
		FCGX_Finish_r(&r);
	}
	return 1;
}

int main(int argc, char **argv)
{
	int fd;

	if (argc != 3 || FCGX_Init() != 0 || (fd = FCGX_OpenSocket(argv[1], 1024)) < 0)
		return 2;
	for (long i = strtol(argv[2], NULL, 10); i > 0; i--)
		if (fork() == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(serve(fd));
		}
	return wait(NULL) < 0;
}
