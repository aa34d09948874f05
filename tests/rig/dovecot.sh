# A Dovecot of the rig's own: IMAP with TLS (implicit and STARTTLS), LMTP for Postfix, sign-in for Postfix. Every user
# exists and has the same password, so that each test takes mailboxes of its own.
#
# CC_TEST_IMAP_HOST, CC_TEST_IMAPS_PORT, CC_TEST_IMAP_PORT (plain until STARTTLS), CC_TEST_MAIL_PASSWORD,
# CC_TEST_MAIL_DOMAIN (its mailboxes are local).

start_dovecot() {
    local home=$RIG/dovecot imap imaps
    case "$(dovecot --version)" in
        2.3.*) ;;
        *) echo "these tests know the configuration of Dovecot 2.3; here is $(dovecot --version)" >&2; exit 1 ;;
    esac
    free_port; imap=$FREE_PORT
    free_port; imaps=$FREE_PORT
    free_port; DOVECOT_LMTP=$FREE_PORT
    free_port; DOVECOT_AUTH=$FREE_PORT
    mkdir -m 755 "$home"
    mkdir -m 700 "$home/mail"
    as_root chown mail:mail "$home/mail"
    export CC_TEST_MAIL_PASSWORD=correct-horse CC_TEST_MAIL_DOMAIN=rig.example
    cat >"$home/dovecot.conf" <<CONF
base_dir = $home/run
state_dir = $home/state
log_path = $home/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <$RIG/tls/server.pem
ssl_key = <$RIG/tls/server.key
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:~/Maildir
passdb {
  driver = static
  args = password=$CC_TEST_MAIL_PASSWORD
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$home/mail/%Lu allow_all_users=yes
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    special_use = \Sent
    auto = create
  }
}
recipient_delimiter = +
service imap-login {
  inet_listener imap {
    port = $imap
  }
  inet_listener imaps {
    port = $imaps
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $DOVECOT_LMTP
  }
}
service auth {
  inet_listener {
    address = 127.0.0.1
    port = $DOVECOT_AUTH
  }
}
# Many tests at once, each with connections of its own.
service anvil {
  client_limit = 2000
}
protocol imap {
  mail_max_userip_connections = 50
}
protocol lmtp {
  postmaster_address = postmaster@$CC_TEST_MAIL_DOMAIN
}
CONF
    if [ "$(id -u)" = 0 ]; then
        start dovecot dovecot -F -c "$home/dovecot.conf"
    else
        start dovecot sudo -n dovecot -F -c "$home/dovecot.conf"
    fi
    export CC_TEST_IMAP_HOST=localhost CC_TEST_IMAP_PORT=$imap CC_TEST_IMAPS_PORT=$imaps
    wait_for dovecot listens "$imaps"
    wait_for dovecot listens "$DOVECOT_LMTP"
}
