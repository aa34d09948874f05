# A WebDriver for Chromium. CC_TEST_WEBDRIVER_URL is where it listens, CC_TEST_CHROMIUM_ARGS how the browser must be
# started (each test adds a --user-data-dir of its own), CC_TEST_CHROMIUM which program it is.

start_webdriver() {
    local port
    free_port; port=$FREE_PORT
    start webdriver chromedriver --port="$port" --log-level=WARNING
    export CC_TEST_WEBDRIVER_URL=http://127.0.0.1:$port
    CC_TEST_CHROMIUM=$(command -v chromium)
    export CC_TEST_CHROMIUM
    export CC_TEST_CHROMIUM_ARGS="--headless --no-sandbox --disable-gpu --disable-quic --no-first-run\
 --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage"
    wait_for webdriver listens "$port"
}
