# A Postfix of the rig's own: mail for CC_TEST_MAIL_DOMAIN goes to Dovecot by LMTP, and there is no other domain.
#
# CC_TEST_SMTP_HOST, CC_TEST_SMTP_PORT (as another server would bring mail: no sign-in), CC_TEST_SUBMISSION_PORT
# (STARTTLS and sign-in required), CC_TEST_SMTPS_PORT (TLS from the first byte, sign-in required).
# A recipient whose local part begins with `unknown` is refused, one with `later` is put off, one with `bounced` is
# taken, found undeliverable behind that, and reported to the sender.

start_postfix() {
    local home=$RIG/postfix smtp submission smtps
    free_port; smtp=$FREE_PORT
    free_port; submission=$FREE_PORT
    free_port; smtps=$FREE_PORT
    mkdir -m 755 "$home" "$home/etc"
    as_root mkdir -m 755 "$home/queue"
    as_root mkdir -m 700 "$home/data"
    as_root chown postfix "$home/data"
    cat >"$home/etc/main.cf" <<CONF
compatibility_level = 3.6
queue_directory = $home/queue
data_directory = $home/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = $home/log
maillog_file_prefixes = $RIG
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.$CC_TEST_MAIL_DOMAIN
mydestination =
mynetworks =
alias_maps =
virtual_mailbox_domains = $CC_TEST_MAIL_DOMAIN
virtual_transport = lmtp:inet:127.0.0.1:$DOVECOT_LMTP
transport_maps = regexp:$home/etc/transport
default_transport = error:this server sends mail nowhere else
recipient_delimiter = +
smtpd_tls_cert_file = $RIG/tls/server.pem
smtpd_tls_key_file = $RIG/tls/server.key
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:$DOVECOT_AUTH
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access regexp:$home/etc/recipients
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_message_rate_limit = 0
smtpd_error_sleep_time = 0
lmtp_destination_recipient_limit = 1
message_size_limit = 52428800
CONF
    cat >"$home/etc/recipients" <<'CONF'
/^unknown/  550 5.1.1 no such mailbox
/^later/    450 4.2.1 come back later
CONF
    # The next server for these is this one itself, where mail comes in that nobody signed in for.
    echo "/^bounced/ smtp:[127.0.0.1]:$smtp" >"$home/etc/transport"
    cat >"$home/etc/next" <<'CONF'
/^bounced-unknown/  550 5.1.1 nobody of that name
/^bounced-full/     552 5.2.2 the mailbox is full
CONF
    cat >"$home/etc/master.cf" <<CONF
127.0.0.1:$smtp       inet n - n - - smtpd
  -o { smtpd_recipient_restrictions = check_recipient_access regexp:$home/etc/recipients,
    check_recipient_access regexp:$home/etc/next }
127.0.0.1:$submission inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
127.0.0.1:$smtps      inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
pickup     unix n - n 60 1 pickup
cleanup    unix n - n - 0 cleanup
qmgr       unix n - n 300 1 qmgr
tlsmgr     unix - - n 1000? 1 tlsmgr
rewrite    unix - - n - - trivial-rewrite
bounce     unix - - n - 0 bounce
defer      unix - - n - 0 bounce
trace      unix - - n - 0 bounce
verify     unix - - n - 1 verify
flush      unix n - n 1000? 0 flush
proxymap   unix - - n - - proxymap
smtp       unix - - n - - smtp
lmtp       unix - - n - - lmtp
error      unix - - n - - error
retry      unix - - n - - error
discard    unix - - n - - discard
anvil      unix - - n - 1 anvil
scache     unix - - n - 1 scache
postlog    unix-dgram n - n - 1 postlogd
CONF
    # Postfix wants its configuration to be root's.
    as_root chown -R root "$home/etc"
    if [ "$(id -u)" = 0 ]; then
        start postfix postfix -c "$home/etc" start-fg
    else
        start postfix sudo -n postfix -c "$home/etc" start-fg
    fi
    # Its master process makes a session of its own.
    RIG_ENDINGS+=(end_postfix)
    export CC_TEST_SMTP_HOST=localhost CC_TEST_SMTP_PORT=$smtp
    export CC_TEST_SUBMISSION_PORT=$submission CC_TEST_SMTPS_PORT=$smtps
    wait_for postfix listens "$submission"
}

end_postfix() { as_root postfix -c "$RIG/postfix/etc" stop; }
