"""The guard: no call leads into the administration's own network, whatever the URL or the name server says."""

from collections.abc import Sequence

import pytest

from greenlane.exchange.address import AddressRefused, read_url, target

INSIDE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]
OUTSIDE = ["8.8.8.8", "193.0.6.139", "2001:67c:2e8:22::c100:68b", "64:ff9b::808:808"]


def answers(*addresses: str):  # type: ignore[no-untyped-def]
    """Return a resolver that gives *addresses*."""

    def resolver(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolver


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_refused(address: str) -> None:
    """Loopback, private, shared, link-local, metadata, multicast, reserved, mapped and tunnelled addresses."""
    with pytest.raises(AddressRefused, match="not public"):
        target("https://receiver.example/", resolver=answers(address))
    with pytest.raises(AddressRefused, match="not public"):
        target("https://receiver.example/", resolver=answers("8.8.8.8", address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_of_the_open_internet_are_called(address: str) -> None:
    """A public address passes and is the one that is connected to."""
    goal = target("https://receiver.example/hook?x=1", resolver=answers(address))
    assert [str(a) for a in goal.addresses] == [address]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:7f00:1]",
        "localhost",
        "①②⑦.0.0.1",
    ],
)
def test_spellings_of_loopback_are_refused(host: str) -> None:
    """However a URL writes loopback, the machine's own resolver reads it and the guard sees the address."""
    with pytest.raises(AddressRefused):
        target(f"https://{host}/")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://receiver.example/", "not https"),
        ("ftp://receiver.example/", "not https"),
        ("file:///etc/passwd", "not https"),
        ("//receiver.example/", "not https"),
        ("https://user@receiver.example/", "user name"),
        ("https://user:word@receiver.example/", "user name"),
        ("https://8.8.8.8\\@127.0.0.1/", "."),
        ("https://receiver.example:22/", "port"),
        ("https://receiver.example:80/", "port"),
        ("https://receiver.example:5432/", "port"),
        ("https:///path", "no host"),
        ("https://receiver.example/#part", "fragment"),
        ("https://receiver.example/a b", "spaces"),
        ("https://receiver.example/\r\nhost: x", "control"),
        ("https://receiver.example/" + "x" * 2000, "longer"),
        ("https://receiver.example:99999/", "port"),
        ("https://receiver.example:0/", "port"),
        ("https://[::1", "cannot be read"),
    ],
)
def test_urls_of_no_receiver_are_refused(url: str, why: str) -> None:
    """Only https, a host, the ports 443 and 8443, no user, no fragment; the message never repeats the URL."""
    with pytest.raises(AddressRefused, match=why) as caught:
        read_url(url)
    assert "receiver.example" not in str(caught.value)


def test_a_name_without_address_is_refused() -> None:
    """No address, or one that is none, is a refusal and no traceback."""

    def silent(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    for resolver in (silent, answers(), answers("not an address")):
        with pytest.raises(AddressRefused, match="no address"):
            target("https://receiver.example/", resolver=resolver)
    with pytest.raises(AddressRefused, match="no address"):
        target("https://" + "a" * 64 + ".example/")


def test_the_setting_for_tests_opens_private_addresses_alone() -> None:
    """With allow_private, http and any port lead to private addresses, and to none of the open internet."""
    goal = target("http://127.0.0.1:8123/hook", allow_private=True)
    assert [str(a) for a in goal.addresses] == ["127.0.0.1"]
    for url in ("http://receiver.example/", "https://receiver.example:8123/"):
        with pytest.raises(AddressRefused, match="private addresses alone"):
            target(url, allow_private=True, resolver=answers("8.8.8.8"))
