#ifndef RCD_NOTIFY_H
#define RCD_NOTIFY_H

/* systemd's notification protocol (sd_notify(3)): one datagram to $NOTIFY_SOCKET. Nothing
 * happens when there is none. */
void rcd_notify(const char *state);
/* The watchdog interval systemd asked for, in ms; 0 for none. */
long rcd_notify_watchdog_ms(void);

#endif
