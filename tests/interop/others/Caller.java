import com.ericsson.otp.erlang.*;

/** A Java node that calls a server and a function of ours. Arguments: cookie, port of the port mapper. */
public class Caller {
    public static void main(String[] arguments) throws Exception {
        OtpEpmd.useEpmdPort(Integer.parseInt(arguments[1]));
        OtpSelf self = new OtpSelf("java@127.0.0.1", arguments[0]);
        OtpConnection connection = self.connect(new OtpPeer("c@127.0.0.1"));

        // What gen_server:call sends, and its answer: {Tag, Answer}.
        OtpErlangRef tag = self.createRef();
        OtpErlangObject from = tuple(self.pid(), tag);
        OtpErlangObject request = tuple(new OtpErlangAtom("add"), new OtpErlangLong(40));
        connection.send("counter", tuple(new OtpErlangAtom("$gen_call"), from, request));
        OtpErlangTuple answer = (OtpErlangTuple) connection.receive(10_000);
        if (!answer.elementAt(0).equals(tag)) throw new Exception("not the answer: " + answer);
        System.out.println(answer.elementAt(1));

        connection.sendRPC("work", "divide", new OtpErlangObject[] {new OtpErlangLong(42), new OtpErlangLong(2)});
        System.out.println(connection.receiveRPC());
        connection.close();
    }

    private static OtpErlangTuple tuple(OtpErlangObject... elements) {
        return new OtpErlangTuple(elements);
    }
}
