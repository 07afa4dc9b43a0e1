/** What receivers take without being told to: rsyslog cuts messages beyond 8 KiB. */
export const longestSyslogText = 8_000;
