"""SIPp registers devices of GB/T 28181 with digest, by UDP and by TCP, and keeps them alive; one with a wrong password stays out."""

from support.ports import free_ports
from support.processes import Failure, need, wait_until

SECONDS = 90
DEVICES = 100

REQUEST = """{method} sip:34020000002000000001@3402000000 SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]
      From: <sip:[field0]@3402000000>;tag=[call_number]
      To: <sip:[field0]@3402000000>
      Call-ID: [call_id]
      CSeq: {cseq} {method}
      Contact: <sip:[field0]@[local_ip]:[local_port]>
      Max-Forwards: 70
      {rest}
"""
REGISTER = """<?xml version="1.0" encoding="ISO-8859-1"?>
<scenario name="a device registers">
  <send retrans="500"><![CDATA[
      {first}
  ]]></send>
  <recv response="401" auth="true"/>
  <send retrans="500"><![CDATA[
      {second}
  ]]></send>
  <recv response="{status}"/>
  {more}
</scenario>
"""
KEEPALIVE = """<send retrans="500"><![CDATA[
      {message}
      <?xml version="1.0" encoding="GB2312"?>
      <Notify><CmdType>Keepalive</CmdType><SN>1</SN><DeviceID>[field0]</DeviceID><Status>OK</Status></Notify>
  ]]></send>
  <recv response="200"/>"""


def scenario(status, keeps_alive):
    def request(method, cseq, rest):
        return REQUEST.format(method=method, cseq=cseq, rest=rest)

    message = request("MESSAGE", 3, "Content-Type: Application/MANSCDP+xml\n      Content-Length: [len]")
    return REGISTER.format(first=request("REGISTER", 1, "Expires: 3600\n      Content-Length: 0"),
                           second=request("REGISTER", 2, "[field1]\n      Expires: 3600\n      Content-Length: 0"),
                           status=status, more=KEEPALIVE.format(message=message) if keeps_alive else "")


def sipp(test, port, transport, name, text, first, count, password):
    folder = test.folder
    (folder / f"{name}.xml").write_text(text)
    lines = ["SEQUENTIAL"]
    for i in range(first, first + count):
        device = f"3402000000132{i:07d}"
        lines.append(f"{device};[authentication username={device} password={password}]")
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    command = ["sipp", f"127.0.0.1:{port}", "-sf", folder / f"{name}.xml", "-inf", folder / f"{name}.csv", "-t", transport,
               "-m", str(count), "-r", "50", "-i", "127.0.0.1", "-nostdin", "-timeout", "40s", "-timeout_error"]
    test.run(name, command, seconds=60, cwd=folder)


def run(test):
    need("sipp")
    (port,) = free_ports(1)
    server = test.server(top=f"""stream_caster {{
        enabled on; caster gb28181; output rtmp://127.0.0.1/live/[stream]; media_ports 30000-30100; on_demand on;
        sip {{ listen 127.0.0.1:{port}; password 12345678; }}
    }}""")

    def totals():
        return server.api("/gb/v1/devices/")["totals"]

    sipp(test, port, "u1", "udp", scenario(200, True), 0, DEVICES, "12345678")
    wait_until("the devices of UDP are there", lambda: totals()["online"] == DEVICES)
    sipp(test, port, "t1", "tcp", scenario(200, True), DEVICES, DEVICES, "12345678")
    wait_until("the devices of TCP are there", lambda: totals()["online"] == 2 * DEVICES)
    sipp(test, port, "u1", "wrong", scenario(403, False), 2 * DEVICES, 5, "wrong")
    if totals()["devices"] != 2 * DEVICES:
        raise Failure(f"a wrong password lets a device in: {totals()}")
    test.note(f"{2 * DEVICES} devices registered and kept alive, half by UDP and half by TCP; a wrong password did not")
    server.stop()
