#ifndef RCD_PEER_H
#define RCD_PEER_H

/* Which peer addresses a connection may use; checked by guard.h. */
enum rcd_peer {
	RCD_PEER_ANY,      /* the operator named the host in the configuration */
	RCD_PEER_PUBLIC,   /* the URL came from outside: public unicast addresses only */
	RCD_PEER_LOOPBACK, /* 127/8 and ::1 only */
};

#endif
