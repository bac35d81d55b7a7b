/** Exit code of a script of which a statement may have been executed: nobody but its author may try it again. */
export const SQL_FAILED = 3;

/**
 * `start-script.py`: sets the passwords, then executes the script. Only `root` may set root's password, so it logs in as root: with the password wanted (then it is
 * set already), with none, or with one that this initializer set earlier. Prints neither passwords nor statements: logs are read by more people than Secrets. Where the operator has split the scripts, nothing is left to be
 * split here (initializer/lexer.ts). With options for TLS (objects/encryption.ts) it goes by TLS or not at all.
 */
export const START = `import json, os, re, sys, time
import MySQLdb

HOST, PORT = os.environ["FE_SVC"], int(os.environ["FE_QUERY_PORT"])
OPTIONS = os.environ.get("FE_CLIENT_OPTIONS")
DENIED, TLS_FAILED = 1045, 2026


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def say(text):
    print(text, flush=True)


def connect(user, password):
    options = {}
    if OPTIONS is not None:
        open(OPTIONS).close()  # one that is missing would be passed over, and TLS with it
        options["read_default_file"] = OPTIONS
    for attempt in range(10):
        try:
            return MySQLdb.connect(host=HOST, port=PORT, user=user, passwd=password, charset="utf8mb4", connect_timeout=5, **options)
        except MySQLdb.OperationalError as error:
            if error.args[0] == DENIED or attempt == 9:
                raise
            time.sleep(1)


def execute(connection, statement, values=None):
    cursor = connection.cursor()
    try:
        cursor.execute(statement, values)
        connection.commit()
    finally:
        cursor.close()


def set_root(wanted):
    earlier = json.loads(read("/etc/doris/password/root-previous") or "[]")
    for password in [wanted, ""] + earlier:
        try:
            connection = connect("root", password)
        except MySQLdb.OperationalError as error:
            if error.args[0] != DENIED:
                raise
            continue
        if password != wanted:
            execute(connection, "SET PASSWORD FOR 'root' = PASSWORD(%s)", (wanted,))
        connection.close()
        return
    say("root has a password that is neither empty nor one that was set from here: it is left alone")
    sys.exit(1)


def main():
    operator = connect(read("/etc/doris/account/user"), read("/etc/doris/account/password"))
    admin, root = read("/etc/doris/password/admin"), read("/etc/doris/password/root")
    if admin:
        execute(operator, "SET PASSWORD FOR 'admin' = PASSWORD(%s)", (admin,))
        say("set the password of admin")
    if root:
        set_root(root)
        say("set the password of root")
    todo = json.loads(read("/etc/doris/init/statements.json") or "[]")
    for number, one in enumerate(todo, 1):
        try:
            execute(operator, one["sql"])
        except Exception as error:
            code = error.args[0] if isinstance(error, MySQLdb.Error) and error.args else type(error).__name__
            word = re.match("[A-Za-z]{0,20}", one["sql"]).group()
            say("statement %d of %d (%s, %s ...) failed: error %s" % (number, len(todo), one["at"], word, code))
            sys.exit(${SQL_FAILED})
    say("executed %d statements" % len(todo))


try:
    main()
except MySQLdb.Error as error:
    code = error.args[0] if error.args else "unknown"
    # The words are the client library's own here, before anything was sent.
    say("Doris: error %s%s" % (code, ", %s" % error.args[1] if code == TLS_FAILED else ""))
    sys.exit(1)
`;
