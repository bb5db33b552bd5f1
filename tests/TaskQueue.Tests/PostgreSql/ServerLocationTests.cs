using System.Net;
using CsCheck;
using Npgsql;
using TaskQueue.Storage;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

public sealed class ServerLocationTests
{
    private const string Marker = "sesame";

    // Every character that has a meaning somewhere in a location, between parts that must never be seen.
    private static readonly Gen<string> Password = Gen.Select(
        Gen.Char["@:/?#&=;'\"%\\,+[]{} \t\näЖ"].Array[1, 3].Array[1, 4],
        parts => string.Concat(parts.Select(odd => new string(odd) + Marker)));

    [Theory]
    [InlineData("postgresql://ops@db01/tasks", "postgresql://ops@db01:5432/tasks")]
    [InlineData("  postgres://ops@db01/tasks ", "postgresql://ops@db01:5432/tasks")]
    [InlineData("POSTGRESQL://ops@DB01:5433/Tasks?schema=jobs", "postgresql://ops@db01:5433/Tasks?schema=jobs")]
    [InlineData("postgresql://ops@db01/tasks?schema=taskqueue", "postgresql://ops@db01:5432/tasks")]
    [InlineData("postgresql://ops:secret@db01", "postgresql://ops@db01:5432/ops")]
    [InlineData("postgresql://ops:@db01/", "postgresql://ops@db01:5432/ops")]
    [InlineData("postgresql://first%20last:secret@db01/my%20tasks", "postgresql://first%20last@db01:5432/my%20tasks")]
    [InlineData("postgresql://ops%40example.org@db01/a%2Fb", "postgresql://ops%40example.org@db01:5432/a%2Fb")]
    [InlineData("postgresql://ops@[::1]:5433/tasks", "postgresql://ops@[::1]:5433/tasks")]
    [InlineData("postgresql://ops@[fe80::1%25eth0]/tasks", "postgresql://ops@[fe80::1%25eth0]:5432/tasks")]
    [InlineData("postgresql://ops@%2Frun%2Fpostgresql/tasks", "postgresql://ops@%2Frun%2Fpostgresql:5432/tasks")]
    [InlineData("postgresql:///tasks?host=/run/postgresql&user=ops&port=5433", "postgresql://ops@%2Frun%2Fpostgresql:5433/tasks")]
    [InlineData("postgresql://?host=db01&dbname=tasks&user=ops&password=secret", "postgresql://ops@db01:5432/tasks")]
    [InlineData("postgresql://ops@dätenbank/tasks", "postgresql://ops@dätenbank:5432/tasks")]
    [InlineData("Host=db01;Username=ops;Database=tasks", "postgresql://ops@db01:5432/tasks")]
    [InlineData(
        "host = DB01 ; user id = ops ; db = tasks ; search path = jobs ; pwd = secret", "postgresql://ops@db01:5432/tasks?schema=jobs")]
    [InlineData("Server=db01;Port=5433;UID=ops;Database=\"my;tasks\"", "postgresql://ops@db01:5433/my%3Btasks")]
    [InlineData("Host=db01:5433;Username=ops;Database=tasks", "postgresql://ops@db01:5433/tasks")]
    [InlineData("Host=[::1]:5433;Username=ops;Database=tasks", "postgresql://ops@[::1]:5433/tasks")]
    [InlineData("Host=::1;Username=ops;Database=tasks", "postgresql://ops@[::1]:5432/tasks")]
    [InlineData("postgresql://ops@db02:5433,DB01/tasks?target_session_attrs=any", "postgresql://ops@db02:5433,db01:5432/tasks")]
    [InlineData(
        "postgresql://ops@[::1]:5433,%2Frun%2Fpostgresql,db01/tasks",
        "postgresql://ops@[::1]:5433,%2Frun%2Fpostgresql:5432,db01:5432/tasks")]
    [InlineData("postgresql://ops@/tasks?host=db01,db02&port=5433,5434", "postgresql://ops@db01:5433,db02:5434/tasks")]
    [InlineData("postgresql://ops@/tasks?hostaddr=192.0.2.1", "postgresql://ops@192.0.2.1:5432/tasks")]
    [InlineData("postgresql://ops@%40jobs/tasks", "postgresql://ops@%40jobs:5432/tasks")]
    [InlineData("Host=db01:5433, db02;Username=ops;Database=tasks", "postgresql://ops@db01:5433,db02:5432/tasks")]
    [InlineData("Host=db01,db02;Port=5433;Username=ops;Database=tasks", "postgresql://ops@db01:5433,db02:5433/tasks")]
    [InlineData(
        "Host=/run/postgresql:5433,[::1]:5433;Username=ops;Database=tasks", "postgresql://ops@%2Frun%2Fpostgresql:5433,[::1]:5433/tasks")]
    [InlineData("host=db01 port=5433 user=ops dbname=tasks", "postgresql://ops@db01:5433/tasks")]
    [InlineData("host = 'db01' user=first\\ last dbname='my \\'tasks' password='a b'", "postgresql://first%20last@db01:5432/my%20%27tasks")]
    [InlineData("dbname=tasks host=db01,db02 port=5433, user=ops", "postgresql://ops@db01:5433,db02:5432/tasks")]
    [InlineData(
        "Host=/run/postgresql;Username=ops;Database=tasks;Schema=jobs", "postgresql://ops@%2Frun%2Fpostgresql:5432/tasks?schema=jobs")]
    public void Each_spelling_names_its_queue_and_the_name_can_be_given_again(string text, string queue)
    {
        Assert.True(ServerLocation.Names(text));
        var location = Parse(text);
        Assert.Equal(queue, location.Queue);
        Assert.Equal(queue, location.ToString());
        Assert.True(ServerLocation.Names(queue));
        Assert.Equal(queue, Parse(queue).Queue);
        Assert.True(location.IsSameQueue(Parse(queue)));
    }

    [Theory]
    [InlineData("/srv/queues/jobs.db")]
    [InlineData("jobs.db")]
    [InlineData(@"C:\queues\jobs.db")]
    [InlineData("percent%20#hash;mode=ro.db")]
    [InlineData("host.db")]
    [InlineData("postgres/jobs.db")]
    [InlineData("file:///srv/jobs.db")]
    public void A_path_names_no_server(string path) => Assert.False(ServerLocation.Names(path));

    [Theory]
    [InlineData("postgresql://ops@db01/tasks", "postgresql://other:secret@DB01:5432/tasks?sslmode=require", true)]
    [InlineData("postgresql://ops@db01/tasks", "Host=db01;Database=tasks;Search Path=taskqueue", true)]
    [InlineData("postgresql://ops@db01/tasks", "postgresql://ops@db02/tasks", false)]
    [InlineData("postgresql://ops@db01/tasks", "postgresql://ops@db01:5433/tasks", false)]
    [InlineData("postgresql://ops@db01/tasks", "postgresql://ops@db01/Tasks", false)]
    [InlineData("postgresql://ops@db01/tasks", "postgresql://ops@db01/tasks?schema=jobs", false)]
    [InlineData("postgresql://ops@db01,db02/tasks", "postgresql://ops@db02,db01/tasks", true)]
    [InlineData("postgresql://ops@db01,db02/tasks", "postgresql://ops@db02/tasks", true)]
    [InlineData("postgresql://ops@db01,db02/tasks", "postgresql://ops@db02/other", false)]
    [InlineData("postgresql://ops@db01,db02/tasks", "postgresql://ops@db03/tasks", false)]
    public void The_queue_is_host_port_database_and_schema_whoever_asks(string one, string other, bool same) =>
        Assert.Equal(same, Parse(one).IsSameQueue(Parse(other)));

    [Theory]
    [InlineData("sslmode=verify-full", "SSL Mode", "VerifyFull")]
    [InlineData("sslmode=verify-ca", "SSL Mode", "VerifyCA")]
    [InlineData("sslmode=disable", "SSL Mode", "Disable")]
    [InlineData("sslrootcert=/etc/ssl/db%2001.crt", "Root Certificate", "/etc/ssl/db 01.crt")]
    [InlineData("sslcert=a.crt", "SSL Certificate", "a.crt")]
    [InlineData("sslkey=a.key", "SSL Key", "a.key")]
    [InlineData("sslpassword=secret", "SSL Password", "secret")]
    [InlineData("sslnegotiation=direct", "SSL Negotiation", "Direct")]
    [InlineData("connect_timeout=7", "Timeout", "7")]
    [InlineData("application_name=nightly%20check", "Application Name", "nightly check")]
    [InlineData("passfile=/home/ops/pass", "Passfile", "/home/ops/pass")]
    [InlineData("options=-c%20jit%3Doff", "Options", "-c jit=off")]
    [InlineData("channel_binding=require", "Channel Binding", "Require")]
    [InlineData("target_session_attrs=read-write", "Target Session Attributes", "read-write")]
    [InlineData("RequireAuth=ScramSHA256", "Require Auth", "ScramSHA256")]
    [InlineData("require_auth=scram-sha-256,md5", "Require Auth", "ScramSHA256,MD5")]
    [InlineData("require_auth=!password,!none", "Require Auth", "!Password,!None")]
    [InlineData("load_balance_hosts=random", "Load Balance Hosts", "True")]
    [InlineData("keepalives_idle=42", "TCP Keepalive Time", "42")]
    [InlineData("keepalives_interval=7", "TCP Keepalive Interval", "7")]
    [InlineData("keepalives=0", "TCP Keepalive", "False")]
    [InlineData("connect_timeout=-1", "Timeout", "0")]
    [InlineData("fallback_application_name=nightly", "Application Name", "nightly")]
    [InlineData("sslcompression=0", "SSL Mode", "Prefer")]
    [InlineData("gssencmode=disable", "GSS Encryption Mode", "Disable")]
    [InlineData("krbsrvname=pg", "Kerberos Service Name", "pg")]
    [InlineData("client_encoding=UTF8", "Client Encoding", "UTF8")]
    [InlineData("CommandTimeout=9", "Command Timeout", "9")]
    [InlineData("Trust%20Server%20Certificate=true", "Trust Server Certificate", "True")]
    public void Settings_go_by_the_names_of_libpq_and_of_Npgsql(string setting, string keyword, string value)
    {
        var location = Parse($"postgresql://ops@db01/tasks?{setting}");
        Assert.Equal(value, location.Settings[keyword].ToString());
        Assert.Equal("postgresql://ops@db01:5432/tasks", location.Queue);
    }

    [Fact]
    public void The_settings_have_all_that_a_connection_needs_and_are_a_copy()
    {
        var location = Parse("postgresql://ops:p%40ss%2Fw%3Ard;%27%22@db01:5433/tasks?schema=jobs&Persist%20Security%20Info=true");
        Assert.Equal("p@ss/w:rd;'\"", location.Settings.Password);
        location.Settings.Host = "db02";
        var settings = location.Settings;
        Assert.Equal(
            ("db01", 5433, "ops", "tasks", "jobs"),
            (settings.Host, settings.Port, settings.Username, settings.Database, settings.SearchPath));
        using var connection = new NpgsqlConnection(settings.ConnectionString);
        Assert.Equal("jobs", new NpgsqlConnectionStringBuilder(connection.ConnectionString).SearchPath);
        Assert.False(settings.PersistSecurityInfo);
    }

    [Fact]
    public void What_the_location_leaves_out_is_taken_from_the_environment_of_libpq()
    {
        static string? Variable(string name) => name switch
        {
            "PGHOST" => "db09",
            "PGPORT" => "5439",
            "PGUSER" => "pia",
            "PGDATABASE" => "queues",
            "PGSSLMODE" => "verify-full",
            _ => null,
        };

        var none = ServerLocation.Parse("postgresql://", null, Variable);
        Assert.Equal("postgresql://pia@db09:5439/queues", none.Queue);
        Assert.Equal(SslMode.VerifyFull, none.Settings.SslMode);
        var all = ServerLocation.Parse("postgresql://ops@db01:5432/tasks?sslmode=prefer", null, Variable);
        Assert.Equal("postgresql://ops@db01:5432/tasks", all.Queue);
        Assert.Equal(SslMode.Prefer, all.Settings.SslMode);
        Assert.Equal($"postgresql://{Environment.UserName}@localhost:5432/{Environment.UserName}", Parse("postgresql://").Queue);
    }

    [Fact]
    public void What_the_environment_demands_and_nobody_can_give_is_refused_by_its_name()
    {
        var error = Assert.Throws<QueueUnavailableException>(
            () => ServerLocation.Parse("postgresql://db01", null, name => name == "PGREQUIREPEER" ? "postgres" : null));
        Assert.Contains("'requirepeer'", error.Message, StringComparison.Ordinal);

        var settings = ServerLocation.Parse("postgresql://", null, name => name switch
        {
            "PGHOST" => "db01,db02",
            "PGPORT" => "5433,",
            "PGUSER" => "ops",
            "PGTARGETSESSIONATTRS" => "standby",
            "PGAPPNAME" => "nightly",
            "PGOPTIONS" => "-c jit=off",
            "PGREQUIREAUTH" => "scram-sha-256",
            "PGCONNECT_TIMEOUT" => "7",
            _ => null,
        });
        Assert.Equal("postgresql://ops@db01:5433,db02:5432/ops", settings.Queue);
        Assert.Equal(
            ("standby", "nightly", "-c jit=off", "ScramSHA256", 7),
            (
                settings.Settings.TargetSessionAttributes, settings.Settings.ApplicationName, settings.Settings.Options,
                settings.Settings.RequireAuth, settings.Settings.Timeout));
    }

    [Fact]
    public void A_service_gives_what_the_location_leaves_out_and_goes_before_the_other_variables()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder["own.conf"],
            "# ours\n[other]\nhost=db09\n\n[jobs]\nhost = "
                + "db01\nport=5433\nuser=ops\npassword=sesame\ndbname=tasks\nsslmode=verify-full\n[last]\n");
        File.WriteAllText(folder["pg_service.conf"], "[jobs]\nhost=db08\n[shared]\nhost=db02\n[odd]\nsesame\n[unserved]\nsslcrl=a\n");
        ServerLocation Of(string text, string? service = null) => ServerLocation.Parse(text, null, name => name switch
        {
            "PGSERVICEFILE" => folder["own.conf"],
            "PGSYSCONFDIR" => folder.Path,
            "PGSERVICE" => service,
            "PGUSER" => "pia",
            "PGSSLMODE" => "disable",
            _ => null,
        });

        foreach (var location in (ServerLocation[])[
            Of("service=jobs"), Of("postgresql://?service=jobs"), Of("postgresql://", "jobs"), Of("Service=jobs;"),
        ])
        {
            Assert.Equal(
                ("postgresql://ops@db01:5433/tasks", "sesame", SslMode.VerifyFull),
                (location.Queue, location.Settings.Password, location.Settings.SslMode));
        }

        Assert.Equal("postgresql://eva@db01:5433/jobs", Of("postgresql://eva@/jobs?service=jobs", "other").Queue);
        Assert.Equal("postgresql://pia@db02:5432/pia", Of("service=shared").Queue);
        Assert.Equal("postgresql://ops@db08:5432/ops", Of($"service=jobs user=ops servicefile={folder["none"]}").Queue);
        foreach (var (text, part) in (List<(string, string)>)[
            ("service=missing", "service"), ("service=odd", "pg_service.conf"), ("service=unserved", "'sslcrl'"),
        ])
        {
            var error = Assert.Throws<QueueUnavailableException>(() => Of(text));
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("sesame", error.ToString() + error.Advice, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_credential_brings_the_user_and_the_password()
    {
        var credential = new NetworkCredential("pia", "secret");
        var location = ServerLocation.Parse("postgresql://db01/tasks", credential, name => name == "PGUSER" ? "ops" : null);
        Assert.Equal("postgresql://pia@db01:5432/tasks", location.Queue);
        Assert.Equal("secret", location.Settings.Password);
        Assert.Equal("secret", ServerLocation.Parse("postgresql://pia:old@db01/tasks", credential).Settings.Password);
        Assert.Throws<QueueUnavailableException>(() => ServerLocation.Parse("postgresql://ops@db01/tasks", credential));
    }

    [Theory]
    [InlineData("postgresql://ops@db01/tasks?colour=red", "'colour'")]
    [InlineData("postgresql://ops:password@db01/tasks?colour=red", "'colour'")]
    [InlineData("postgresql://ops@db01/tasks?sslmode=sure", "'sslmode'")]
    [InlineData("postgresql://ops@db01/tasks?connect_timeout=long", "'connect_timeout'")]
    [InlineData("postgresql://ops@db01/tasks?schema=a,b", "'schema'")]
    [InlineData("postgresql://ops@db01/tasks?schema=Jobs", "'schema'")]
    [InlineData("postgresql://ops@db01/tasks?schema=pg_jobs", "'schema'")]
    [InlineData("postgresql://ops@db01/tasks?schema=%22jobs%22", "'schema'")]
    [InlineData("postgresql://ops@db01/tasks?schema", "no value")]
    [InlineData("postgresql://ops@db01:abc/tasks", "'port'")]
    [InlineData("postgresql://ops@db01:0/tasks", "'port'")]
    [InlineData("postgresql://ops@db01:65536/tasks", "'port'")]
    [InlineData("postgresql://ops@db01:99999999999/tasks", "'port'")]
    [InlineData("postgresql://ops@db01/tasks%0A", "'database'")]
    [InlineData("postgresql://ops@db01/tasks?schema=jobs%0A", "'schema'")]
    [InlineData("Host=\"\"", "'host'")]
    [InlineData("postgresql://ops@db01,/tasks", "'host'")]
    [InlineData("postgresql://ops@db01,db02:x/tasks", "'port'")]
    [InlineData("postgresql://ops@/tasks?host=db01,db02,db03&port=1,2", "'port'")]
    [InlineData("postgresql://ops@db01/tasks?requirepeer=postgres", "'requirepeer'")]
    [InlineData("postgresql://ops@db01/tasks?sslcrl=a.crl", "'sslcrl'")]
    [InlineData("postgresql://ops@db01/tasks?keepalives_count=3", "'keepalives_count'")]
    [InlineData("postgresql://ops@db01/tasks?hostaddr=192.0.2.1", "'hostaddr'")]
    [InlineData("postgresql://ops@db01/tasks?load_balance_hosts=often", "'load_balance_hosts'")]
    [InlineData("postgresql://ops@db01/tasks?target_session_attrs=any-other", "'target_session_attrs'")]
    [InlineData("service=nowhere", "service")]
    [InlineData("host=db01 colour=red", "'colour'")]
    [InlineData("postgresql://ops@db01:1:2/tasks", "'port'")]
    [InlineData("postgresql://ops@a[b/tasks", "host and port")]
    [InlineData("postgresql://ops%4@db01/tasks", "'%'")]
    [InlineData("postgresql://ops@db01/ta%00sks", "'%'")]
    [InlineData("postgresql://ops:a@b@db01/tasks", "'@'")]
    [InlineData("Host=db01;Colour=red", "'colour'")]
    [InlineData("Host=db01;Search Path=a, b", "'schema'")]
    [InlineData("Host=db01;Port", "neither")]
    [InlineData("tcp://ops@db01/tasks", "neither")]
    public void An_error_says_which_part_is_wrong(string text, string part)
    {
        Assert.True(ServerLocation.Names(text));
        var error = Assert.Throws<QueueUnavailableException>(() => Parse(text));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Advice);
    }

    [Theory]
    [InlineData("postgresql://ops:{0}@db01/tasks")]
    [InlineData("postgresql://ops:{0}@db01:5433/tasks?schema=jobs&sslmode=require")]
    [InlineData("postgresql://ops:{0}@db01/tasks?colour=red")]
    [InlineData("postgresql://:{0}@db01/tasks")]
    [InlineData("postgresql://ops@db01/tasks?password={0}")]
    [InlineData("postgresql://db01/tasks?password={0}&user=ops")]
    [InlineData("postgresql://ops@db01/tasks?sslpassword={0}&port=x")]
    [InlineData("postgresql://ops@db01/tasks?passwort={0}")]
    [InlineData("postgresql://ops@db01/tasks;password={0}")]
    [InlineData("postgresql://ops@db01/tasks&password={0}")]
    [InlineData("postgresql://ops@db01/tasks password={0}")]
    [InlineData("postgresql://ops@db01;password={0}/tasks")]
    [InlineData("postgresql://ops@db01:5432;password={0}/tasks")]
    [InlineData("postgresql://ops password={0}@db01/tasks")]
    [InlineData("postgresql://ops@db01/tasks?schema=jobs;password={0}")]
    [InlineData("Host=db01;Username=ops;Password={0}")]
    [InlineData("Host=db01;Username=ops;Password='{0}';Database=tasks")]
    [InlineData("Host=db01;Username=ops;PWD=\"{0}\";Database=tasks;Colour=red")]
    [InlineData("Password={0};Host=db01;Port=x")]
    [InlineData("Host=db01;Passwort={0}")]
    [InlineData("Host=db01 Password={0}")]
    [InlineData("Host=db01,Password={0}")]
    [InlineData("Host=db01;Username=ops Password={0}")]
    [InlineData("Host=db01;Database=tasks password={0};Username=ops")]
    [InlineData("Host=db01;Search Path=jobs password={0}")]
    [InlineData("host=db01 dbname=tasks password={0}")]
    [InlineData("dbname=tasks password={0}")]
    [InlineData("tcp://ops:{0}@db01/tasks")]
    [InlineData("postgresql:/ops:{0}@db01/tasks")]
    [InlineData("postgres:ops:{0}@db01")]
    [InlineData("PGPASSWORD={0} host=db01")]
    [InlineData("db01/tasks?password={0}")]
    [InlineData("/srv/tasks;Password={0}")]
    public void No_password_is_ever_shown_however_odd_it_is_and_wherever_it_stands(string template) => Password.Sample(
        password =>
        {
            Assert.All(
                new[] { password, Uri.EscapeDataString(password), password.Replace("'", "''", StringComparison.Ordinal) },
                written =>
                {
                    var text = template.Replace("{0}", Marker + written, StringComparison.Ordinal);
                    Assert.True(ServerLocation.Names(text), text);
                    Assert.DoesNotContain(Marker, ShownOf(text), StringComparison.OrdinalIgnoreCase);
                });
        },
        iter: 300);

    [Fact]
    public void A_password_is_understood_as_it_was_meant() => Password.Sample(
        password =>
        {
            Assert.Equal(password, Parse($"postgresql://ops:{Uri.EscapeDataString(password)}@db01/tasks").Settings.Password);
            Assert.Equal(password, Parse($"postgresql://ops@db01/tasks?password={Uri.EscapeDataString(password)}").Settings.Password);
            Assert.Equal(
                password,
                Parse(new NpgsqlConnectionStringBuilder { Host = "db01", Password = password }.ConnectionString).Settings.Password);
        },
        iter: 1000);

    private static string ShownOf(string text)
    {
        try
        {
            var location = Parse(text);
            return $"{location} {location.Queue} {Parse(location.Queue).Settings}";
        }
        catch (QueueUnavailableException error)
        {
            return $"{error} {error.Advice}";
        }
    }

    private static ServerLocation Parse(string text) => ServerLocation.Parse(text, null, _ => null);
}
