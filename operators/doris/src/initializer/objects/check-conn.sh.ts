/** How long the first container waits for the front ends, in tries of a second; then the pod fails and the Job tries another. */
const TRIES = 300;

/** `check-conn-script.sh`: waits until the front ends' query port accepts a connection. Python, since that is what the image is known to have. */
export const CHECK_CONN = `#!/bin/sh
exec python - <<'EOF'
import os, socket, sys, time

address = (os.environ["FE_SVC"], int(os.environ["FE_QUERY_PORT"]))
for attempt in range(${TRIES}):
    try:
        socket.create_connection(address, 3).close()
        print("%s:%d accepts connections" % address)
        sys.exit(0)
    except OSError as error:
        if attempt % 30 == 0:
            print("waiting for %s:%d: %s" % (address + (error,)), flush=True)
    time.sleep(1)
sys.exit(1)
EOF
`;
