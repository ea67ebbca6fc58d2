# What an Elixir node does with a node of ours, as with any other: servers, signals, functions, groups, supervisors.
ExUnit.start(seed: 0, timeout: 30_000, assert_receive_timeout: 10_000)
ExUnit.after_suite(fn result -> IO.puts("#{result.failures} of #{result.total} failed") end)

defmodule UsesOurs do
  use ExUnit.Case

  @c :"c@127.0.0.1"
  @counter {:counter, @c}

  setup_all do
    {:ok, _} = :pg.start_link()
    assert Node.connect(@c)
    :ok
  end

  test "Node.connect makes it a hidden node, and it pongs" do
    assert Node.ping(@c) == :pong
    assert Node.list() == []
    assert Node.list(:hidden) == [@c]
  end

  test "GenServer.call, GenServer.cast, and multi_call reach a server by its name" do
    assert GenServer.cast(@counter, {:set, 0}) == :ok
    assert GenServer.call(@counter, {:add, 40}) == 40
    assert GenServer.call(@counter, {:add, 2}, :infinity) == 42
    assert GenServer.call(@counter, {:divide, 2}) == {:ok, 21}
    assert GenServer.call(@counter, {:divide, 0}) == {:error, "by zero"}
    assert GenServer.multi_call([@c], :counter, :get) == {[{@c, 42}], []}
    assert GenServer.abcast([@c], :counter, {:set, 7}) == :abcast
    assert GenServer.call(@counter, :get) == 7
  end

  test "a call that is not answered in time exits as one between Elixir nodes does" do
    assert {:timeout, {GenServer, :call, [@counter, :hold, 100]}} = catch_exit(GenServer.call(@counter, :hold, 100))
    # The answer that comes late does not reach the mailbox.
    assert GenServer.call(@counter, :let_go) == 1
    assert GenServer.call(@counter, :get) |> is_integer()
    refute_received _
  end

  test "nobody under a name is noproc, and what a server does not understand is said" do
    assert {:noproc, _} = catch_exit(GenServer.call({:nobody, @c}, :get))
    assert {{:umbrella, {:bad_message, why}}, _} = catch_exit(GenServer.call(@counter, {:multiply, 3}))
    assert why =~ "multiply"
  end

  test "send and ! reach the handlers of plain messages, by name and by pid" do
    send(@counter, {:word, "hello", self()})
    assert_receive {:heard, "hello"}
    pid = :rpc.call(@c, :erlang, :whereis, [:counter])
    send(pid, {:word, "again", self()})
    assert_receive {:heard, "again"}
  end

  test "Process.monitor tells of an end with its reason, and of nobody" do
    {:ok, pid} = GenServer.call(@counter, :another)
    by_pid = Process.monitor(pid)
    GenServer.cast(pid, :crash)
    assert_receive {:DOWN, ^by_pid, :process, ^pid, {:panicked, "at 0", at}}
    assert at =~ "main.rs"
    by_name = Process.monitor({:nobody, @c})
    assert_receive {:DOWN, ^by_name, :process, {:nobody, @c}, :noproc}
    by_name = Process.monitor(@counter)
    assert Process.demonitor(by_name, [:flush, :info])
  end

  test "links bring exit signals both ways" do
    Process.flag(:trap_exit, true)
    pid = Node.spawn_link(@c, :work, :forever, [])
    Process.exit(pid, :enough)
    assert_receive {:EXIT, ^pid, :enough}
    {:ok, pid} = GenServer.call(@counter, :another)
    Process.link(pid)
    GenServer.cast(pid, :crash)
    assert_receive {:EXIT, ^pid, {:panicked, "at 0", _}}
    # One that links to ours and ends ends it.
    {:ok, pid} = GenServer.call(@counter, :another)
    monitor = Process.monitor(pid)
    spawn(fn -> Process.link(pid) && exit(:gone) end)
    assert_receive {:DOWN, ^monitor, :process, ^pid, :gone}
  end

  test "Node.spawn runs what is exported, and nothing else" do
    {pid, monitor} = Node.spawn_monitor(@c, :work, :divide, [1, 1])
    assert_receive {:DOWN, ^monitor, :process, ^pid, :normal}
    assert Node.spawn(@c, :work, :forever, []) |> node() == @c
    # A function of this module, which is not there.
    assert_raise UndefinedFunctionError, fn -> Node.spawn(@c, fn -> :ok end) end
    assert_raise UndefinedFunctionError, fn -> Node.spawn_link(@c, System, :halt, []) end
    assert Node.ping(@c) == :pong
  end

  test ":rpc and :erpc call what is exported" do
    assert :rpc.call(@c, :work, :divide, [42, 2]) == {:ok, 21}
    assert :erpc.call(@c, :work, :divide, [42, 0]) == {:error, "by zero"}
    assert :erpc.multicall([@c], :work, :divide, [4, 2]) == [ok: {:ok, 2}]
    assert {:badrpc, {:EXIT, {:undef, [{System, :halt, [], []}]}}} = :rpc.call(@c, System, :halt, [])
    assert_raise ErlangError, fn -> :erpc.call(@c, fn -> 1 end) end
  end

  test ":pg knows the members of both sides" do
    me = self()
    counter = :rpc.call(@c, :erlang, :whereis, [:counter])
    {monitor, _} = :pg.monitor(:counters)
    :pg.join(:counters, me)
    assert_receive {^monitor, :join, :counters, [^me]}
    GenServer.call(@counter, :join)
    assert_receive {^monitor, :join, :counters, [^counter]}
    assert Enum.sort(:pg.get_members(:counters)) == Enum.sort([me, counter])
    # Ours tells all members of the group.
    GenServer.call(@counter, :tell_all)
    assert_receive {:word, "to all", ^counter}
    GenServer.call(@counter, :leave)
    assert_receive {^monitor, :leave, :counters, [^counter]}
  end

  test "the state of a server, the children of a supervisor, and the applications are told" do
    # OTP 25 shows the states of all newer nodes in a tuple.
    state = with {:ok, state} <- :sys.get_state(@counter), do: state
    assert state =~ "Counter {"
    assert [{"jobs", _, :supervisor, _}, {"counter", pid, :worker, _}] = Supervisor.which_children({:top, @c})
    assert Supervisor.count_children({:top, @c}) == %{active: 2, specs: 2, supervisors: 1, workers: 1}
    assert pid == :rpc.call(@c, :erlang, :whereis, [:counter])
    assert is_list(:rpc.call(@c, :application, :which_applications, []))
  end
end
