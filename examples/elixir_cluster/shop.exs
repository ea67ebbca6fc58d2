# A node of Elixir beside one of umbrella: calls both ways, a process group, and what is seen of a kill.
stock = :"elixir_cluster@127.0.0.1"
shelf = {:shelf, stock}

defmodule Prices do
  use GenServer

  def init([]), do: {:ok, %{"lamp" => 1250}}

  def handle_call({:price, item}, _from, prices) do
    case prices do
      %{^item => price} -> {:reply, {:ok, price}, prices}
      _ -> {:reply, {:error, :unknown}, prices}
    end
  end
end

defmodule Wait do
  def until(true?), do: true?.() || (Process.sleep(10) && until(true?))

  def message, do: receive(do: (message -> message))

  def down(monitor), do: receive(do: ({:DOWN, ^monitor, :process, _, reason} -> reason))
end

{:ok, _} = :pg.start_link()
{:ok, _} = GenServer.start_link(Prices, [], name: :prices)

IO.puts("# A node of umbrella is a hidden node.")
IO.inspect(Node.connect(stock))
IO.inspect(Node.list(:hidden))

IO.puts("# Its servers are called as any other.")
IO.inspect(GenServer.call(shelf, {:take, "lamp", 2}))
IO.inspect(GenServer.call(shelf, {:take, "lamp", 9}))
IO.inspect(GenServer.call(shelf, {:take, "piano", 1}))

IO.puts("# To answer this it calls Prices, here.")
IO.inspect(GenServer.call(shelf, {:value, "lamp"}))
IO.inspect(GenServer.call(shelf, {:value, "chair"}))

IO.puts("# A process group with members on both nodes.")
:ok = :pg.join(:watchers, self())
Wait.until(fn -> length(:pg.get_members(:watchers)) == 2 end)
Wait.until(fn -> GenServer.call({:clerk, stock}, :watchers) == 2 end)
IO.inspect(GenServer.call(shelf, {:take, "lamp", 2}))
IO.inspect(Wait.message())
IO.inspect(GenServer.call({:clerk, stock}, :heard))

IO.puts("# A monitor tells that the shelf was killed; its supervisor starts another one.")
pid = :erpc.call(stock, :erlang, :whereis, [:shelf])
monitor = Process.monitor(pid)
Process.exit(pid, :kill)
IO.inspect(Wait.down(monitor))
Wait.until(fn -> :erpc.call(stock, :erlang, :whereis, [:shelf]) not in [pid, :undefined] end)
IO.inspect(GenServer.call(shelf, {:take, "lamp", 0}))

IO.puts("# The other way: without Prices its call fails at once.")
GenServer.stop(:prices)
IO.inspect(GenServer.call(shelf, {:value, "lamp"}))
