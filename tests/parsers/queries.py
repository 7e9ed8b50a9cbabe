#!/usr/bin/env python3
"""The hostile queries: every way we know to spell a name so that some parser
reads it as another one. Always the same ones, in the same order.

`alpha` is the tenant that a caller may see, `gamma` one that it may not.
"""
import string

TENANTS = ["tenantid", "cust_id"]
SAFE = (string.ascii_letters + string.digits + "-_.~").encode()


def encode(text):
    return "".join(chr(b) if b in SAFE else f"%{b:02X}" for b in text.encode())


def every(text, digits="02X"):
    return "".join(f"%{b:{digits}}" for b in text.encode())


# What stands around a name, N; already encoded.
WRAPPED = """
[N] [N N] N[ N[] N[0] N[1] N[a] N[][] N[[]] N][ []N [][N] [0][N] [N][] [N][0] [x]N [x][N] ]N[ [[N]] [[N [N]] N]] N[[
N[]x N[x N[]] N[N] N[x]y N[%00] N[+] N[] N[.] N[-1] N[99999] N[$ne] N[$in][] N[__proto__] N[length] N[toString]
x[N] x[N x]N x[]N x[][N] x[0][N] x[N][] x]N=x x[y][N] %5BN%5D %5BN N%5B N%5D N%5B%5D N%5b%5d N[%5D N%5B] N%5Ba N%5B0%5D
%255BN N%255B%255D N%25255B %5B%5DN x%5BN%5D x%5BN x%5DN [%00N] [%00 [%00]N %00[N [+N] [N+] +[N] [.N] .[N]
N. .N N.. ..N N.x x.N N.0 N.[] N[]. N.x[y] N.x.y N[x].y .N. N%2E N%2Ex %2EN N%252Ex N.= N.%00 N%00. N.[ N.]
N: :N N:x x:N N::x N:eq $N N$ @N N@ !N N! _N N_ __N N__ -N N- ~N N~ N~eq NOT~N *N N* N?  ?N ??N N?x (N) N(0) N( N)
'N' N' 'N "N" N" "N , ,N N, N,x x,N /N N/ N/x x/N ./N \\N N\\ N\\x {N} N{ N} {N N| |N x|N N^ `N` <N> N< >N &N N&
+N N+ ++N N++ +N+ N+x x+N %20N N%20 %20N%20 N%20x x%20N %2BN N%2B %2520N N%2520 +%20N N%20%20 N+[] N%20[] N+.x +[]N
%00N N%00 N%00x N%00[] N%00.x N[]%00 x%00N %2500N N%2500 N%2500x N%252500 N%252500x N%00%00 %00%00N N%00=x N%00%20 N%u0000
%09N N%09 %0AN N%0A N%0Ax x%0AN %0DN N%0D N%0D%0A %0D%0AN %0BN N%0B %0CN N%0C %1FN N%1F %7FN N%7F %08N N%08 x%08N N%1B
%2509N N%250A x%0D%0AN %0A%20N N%0A%20 %5CN N%5C %5C0N N%5C0 %5Cu0000N
N%3D N%3Dx N%3Dgamma %3DN x%3DN N%26 N%26x %26N x%26N x%26N%3Dgamma x=1%26N x%3D1%26N N%3B N%3Bx %3BN x%3BN %3FN N%3F %23N N%23
N%253D %2526N x%2526N N; ;N x;N N;x x=1;N amp;N &amp;N x&amp;N amp%3BN %26amp%3BN x%26amp%3BN x=1&amp;N x=1;amp;N %23038%3BN
=N ==N =%20N =+N =[N] =N[] =N. =.N =%3DN =N= =x=N ==x=N x=1&=N x=1&==N =&=N &=N =%5BN =N%00 =N%00x =x[N] =xN =Nx =Ns x=1?N x=1??N x?N x=1?y=2?N x=1?N[] x=1?%20N x=1?+N x=1?y[N x=?N x?=N ?=N x=1|N x=1,N x=1%0AN x=1%00N x=1%3BN x=1/N x=%26N x==N =N ==N =&N &=N x=&N x&N &&N =x&N []&N [&N ]&N [=&N [x&N %&N
N#x #N x#N N%23x x=1#N x=1%23N
%EF%BB%BFN N%EF%BB%BF %E2%80%8BN N%E2%80%8B N%E2%80%8C N%E2%80%8D N%E2%81%A0 %C2%A0N N%C2%A0 N%C2%AD N%E2%80%AE %E2%80%8EN N%E3%80%80 %E3%80%80N
N%CC%81 N%CD%8F N%C3%A9 %C3%A9N N%FF %FFN N%C0%80 %C0%80N N%C0%AE N%E0%80%80 N%ED%A0%80 N%F0%9F%98%80 N%C2%85 N%E2%80%A8 N%EF%BC%BB %EF%BC%BBN N%EF%BC%8Ex N%EF%BC%9Dx
N%E2%A0%80 N%E1%85%9F N%00%C3 N%C3 %C3N N%80 %80N N%A0 %A0N N%C5%BF N%E2%84%AA
N% N%4 N%zz N%%20 %N %4N %zzN N%% %%N N%u0020 %u0020N N%x20 N%-1 N%+1 N%2 N%2%30 N%250 N%25 N%2525 N%25zz N%25%30%30 N%%30%30 N%2%35%30%30
__proto__[N] __proto__.N constructor[prototype][N] __proto__[N][] prototype[N] this[N] self.N params[N] query[N] query.N args[N] data[N] request.N root[N] $root[N] _[N] 0[N] N[0 N.0. 0.N
Ns Ns[] Ns[0] Nss Ns. Ns%00 [Ns] Ns[ +Ns Ns+ Nes aN Na 0N N0 N1 xN Nx aNa s_N _Ns Ns.x Ns[x] sN NN N.N N_N N-N N[N NsN
.cgifields=N _N=on !N _N[] !N[] N.class class.N N.N N[class] op_N N_op N__in N__exact N__ N_eq N.eq N[eq] N~ N>= N<= N!= N! N=~ N== N:= N+=
""".split()

# Names, each with its own spellings.
SPELLED = {
    "tenantid": """
TENANTID Tenantid TenantId tenantId TenantID tENANTID tenantiD tenant_id tenant-id tenant.id tenant+id tenant%20id tenant[id] tenant[id
tenant]id tenant[]id tenant%5Bid%5D tenant%5Bid tenant:id tenant~id tenant/id tenant,id tenant!id tenant$id tenant(id) tenant'id tenant*id tenant@id
Tenant_Id TENANT_ID Tenant-Id tenant__id tenant--id t_e_n_a_n_t_i_d t.enantid te[nantid tenantid's tenant%00id tenant%2Eid tenant%2Did tenant%5Fid tenant%C2%ADid
tenant%09id tenant%0Aid tenant%C3%AFd tenant%C4%B1d TENANT%C4%B0D tenant%C4%B0d tenant%CC%87id tenanti%CC%87d %CF%84enantid t%D0%B5n%D0%B0ntid %D1%82enantid
%EF%BD%94enantid %EF%BD%94%EF%BD%85%EF%BD%8E%EF%BD%81%EF%BD%8E%EF%BD%94%EF%BD%89%EF%BD%84 tenant%EF%BD%89d tenanti%EF%BD%84 TENANT%EF%BC%A9%EF%BC%A4 tenant%EF%BC%BFid tenant%E2%80%8Bid
%74enantid %74%65nantid t%65nantid tenant%69d tenanti%64 tenant%49d %54ENANTID %2574enantid %252574enantid tenant%2569d tenanti%2564 %74%2565nantid tenan%74%69%64
tenant%u0069d ten%2561ntid %C1%B4enantid %E0%81%B4enantid tenant%E1%B5%A2d tenant%E2%85%B0d tenant%E2%93%98d %F0%9D%93%BDenantid tenant tenants tenant_ids tenantIds tenant-ids tenant.ids
tenant[ids] tenant[ids][] tenants[] tenants[id] tenants.id tenants[0][id] tenants_id tenantsid tenant_id[] tenant.id[] tenantId[] TenantId[] TENANTID[] TENANTID. tenantId%00 TENANTID%00 [TENANTID] +TenantId
tenantidentifier tid tenanti enantid tenantd tenntid tenantidd ttenantid
""",
    "cust_id": """
CUST_ID Cust_Id custId CustId CUSTID custid cust-id cust.id cust+id cust%20id cust[id cust[id] cust]id cust[]id cust%5Bid cust%5bid cust%5Bid%5D cust%5Did
cust:id cust~id cust/id cust,id cust!id cust$id cust(id) cust'id cust*id cust@id cust%00id cust%0Aid cust%09id cust%A0id cust%C2%A0id cust%80id cust%9Fid cust%C2%ADid
cust__id cust--id _cust_id cust_id_ cust..id cust.[id cust[[id cust+.id cust++id cust%20+id +cust.id %20cust[id cust[id]] cust[id.x cust[id[] cust.id[] cust+id[] cust[id%00 cust.id%00x cust[id%00x cust.id+
cu%C5%BFt_id cu%C5%BFt_id[] CU%C5%BFT_ID cu%C5%BFt.id cu%C5%BFt-id %C5%BF cust%EF%BC%BFid %EF%BD%83ust_id %EF%BD%83%EF%BD%95%EF%BD%93%EF%BD%94_%EF%BD%89%EF%BD%84 cust_%C4%B1d CUST_%C4%B0D cust_%EF%BD%89d
%E2%84%82ust_id %D1%81ust_id cust%5Fid cust%5fid cust%255Fid cust%25255Fid %63ust_id cust_%69d cust_i%64 %63%75%73%74%5F%69%64 cust%2Eid cust%252Eid cust%2Did cust%2520id cust%252Bid
cust_ids custIds cust-ids cust.ids cust[ids] cust[ids][] custids cust_ids[] cust[ids cust+ids custs_id cust cust[] custs id cust_i ust_id cust_idd customer_id customer[id] customer.id custid[] CustId[] CUST_ID[] CUST.ID CUST[ID custId%00 [custId]
""",
    "_method": """
method METHOD Method .method +method -method %20method [method [method] ]method %5Bmethod %5Dmethod %00method %0Amethod %09method $method @method !method ~method :method *method (method) 'method' ,method /method ?method
method+ method. method.x method[] method[x] method%00 method%00x method%20 method%5B method: methods _methods __method ___method .method[] .method.x .method%00 .method%00x +method[] +.method ._method _.method -.method
_METHOD _Method _mEthod _METHOD[] _method[] _method[0] _method[x] _method[ _method] [_method [_method] _method. _method.x _method.x.y ._method _method%00 _method%00x _method%00[] %00_method _method%2500 _method%2500x _method%0A _method%09 %09_method
_method+ +_method +_method+ _method%20 %20_method %20%20_method _method%20x _method+x _met+hod _met_hod _met-hod _met.hod _met%00hod _met[hod _meth%C3%B6d _met%68od %5Fmethod %5fmethod %255Fmethod %25255Fmethod %5F%6D%65%74%68%6F%64 _%6Dethod _metho%64 _METHO%44
_m%C4%97thod _method%C2%A0 %C2%A0_method %E2%80%8B_method _method%E2%80%8B %EF%BC%BFmethod _%EF%BD%8Dethod %EF%BB%BF_method _method%FF %FF_method _method%80 %80method %A0method %C2%A0method %EF%BC%8Emethod
a_method x.method x[method] x[_method] x._method x[method data[_method] _method_ _method- _method~ _method: _method! _method$ _method* _method( _method' _method, _method/ _method? _method@ -_method- (_method) @_method $_method :_method ~_method
_http_method _httpMethod httpMethod http_method http-method x-http-method X-HTTP-Method X-HTTP-Method-Override x-http-method-override X_HTTP_METHOD_OVERRIDE HTTP_X_HTTP_METHOD_OVERRIDE x-method-override method_override methodOverride _methodOverride _method_override
REQUEST_METHOD request_method _REQUEST_METHOD _SERVER[REQUEST_METHOD] server[REQUEST_METHOD] $httpMethod $.httpMethod $method %24method .httpMethod _verb verb _HttpMethod __METHOD__ __method__ _m _methd _methode methode
""",
}

# Whole pairs around a name, N, and a second tenant.
PAIRS = """
N
N=
=N
N==gamma
N=gamma=
N=gamma&
&N=gamma
N=alpha
N=alpha&
&N=alpha
&&N=alpha&&
=&N=alpha
N=alpha&=
N=alpha&N
N=alpha&N=
N&N=alpha
N=&N=alpha
N=alpha&N=alpha
N=alpha&N=gamma
N=gamma&N=alpha
N=alpha&N=gamma&N=alpha
N=alpha&x=1&N=gamma
N=alpha&&N=gamma
N=alpha&x&N=gamma
N=alpha&N[]=gamma
N[]=alpha&N[]=gamma
N=alpha,gamma
N=alpha%2Cgamma
N=alpha|gamma
N=alpha%7Cgamma
N=alpha+gamma
N=alpha%20
N=%20alpha
N=+alpha
N=alpha+
N=%61lpha
N=alph%61
N=alpha%00
N=alpha%00gamma
N=alpha%0A
N=alpha%26N=gamma
N=alpha%26N%3Dgamma
N=alpha%2526N=gamma
N=alpha;N=gamma
N=alpha%3BN=gamma
N=alpha&amp;N=gamma
N=alpha?N=gamma
N=alpha#N=gamma
N=alpha%23&N=gamma
N=alpha/../gamma
N=["gamma"]
N=[gamma]
N=(gamma)
N='gamma'
N="gamma"
N=%22gamma%22
N={gamma}
N=alpha%
N=alpha%4
N=alpha%zz
N=alpha%C3
N=alpha%FF
N=alph%C3%A4
N:gamma
N:alpha=gamma
N/gamma
N,gamma
N=alpha=N=gamma
x=N=gamma
x=N&gamma
x=1%26N%3Dgamma
x=1&N=alpha
N=alpha&x=1
x=1&N=alpha&y=2
x=%&N=alpha
x=%zz&N=alpha
N=alpha&x=%
N=alpha&x=%4
x=%FF&N=alpha
N=alpha&x=%C3%28
x=%ED%A0%80&N=alpha
x=%00&N=alpha
N=alpha&x=%00
x=%0A&N=alpha
x=%E2%80%A8&N=alpha
x=a%0D%0AN:gamma&N=alpha
x=%25%26N=gamma
x=%2500&N=alpha
x=%26&N=alpha
x=%3D&N=alpha
x=%3B&N=alpha
x=%23&N=alpha
x=%5B&N=alpha
x=[&N=alpha
x=]&N=alpha
x=[N]&N=alpha
x=[N=gamma]&N=alpha
x[=1&N=alpha
x]=1&N=alpha
x[]=1&N=alpha
x[]&N=alpha
x[y=1&N=alpha
x[y]=1&N=alpha
x[y][=1&N=alpha
x[y]z=1&N=alpha
x[][]=1&N=alpha
x=1&x[y]=2&N=alpha
x[y]=1&x=2&N=alpha
N=alpha&x=1&x[]=2
x[0]=1&x[2]=2&N=alpha
x[99999]=1&N=alpha
x.y=1&N=alpha
x.=1&N=alpha
.x=1&N=alpha
x..y=1&N=alpha
]=1&N=alpha
=1&N=alpha
==&N=alpha
===&N=alpha
=N=gamma&N=alpha
%5B=1&N=alpha
.=1&N=alpha
+=1&N=alpha
%20=1&N=alpha
%2520=1&N=alpha
a+b=1&N=alpha
a%20b=1&N=alpha
utf8=%E2%9C%93&N=alpha
utf8=%26%2310003%3B&N=alpha
_charset_=utf-16&N=alpha
_charset_=utf-7&N=alpha
charset=utf-16&N=alpha
ie=utf-16&N=alpha
__proto__=1&N=alpha
__proto__[x]=1&N=alpha
constructor=1&N=alpha
hasOwnProperty=1&N=alpha
toString=1&N=alpha
length=0&N=alpha
callback=N&N=alpha
.submit=1&N=alpha
.cgifields=N
.cgifields=N&N=alpha
keywords=N&N=alpha
N+gamma
gamma+N
_=1&N=alpha
""".split()

# Values that a tenant may have, and that some parser could convert.
VALUES = (
    "0 1 -1 007 1e3 0x10 1_000 true false null None nil undefined NaN Infinity on off yes - _ __proto__ constructor toString length 2024-01-01 "
    "2001-01-01 A a-b_c 817418af76d44358922636e34be9627c alpha-gamma ALPHA 9007199254740993 99999999999999999999999"
).split() + ["t" * 64, "t" * 65, "0" * 64]


def mutations():
    """Random names, of one to three mistakes each, by a fixed generator."""
    state = 14

    def draw(count):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % count

    odd = ("[ ] . + %20 %00 %2500 - _ %5B %5D %2E %0A %09 %C5%BF %EF%BB%BF %FF %80 ~ ! $ ' ( ) * , : @ / ? s x 0 "
           "[] [0] [x] .x %5B%5D [a [[ ]] .. ++ %C2%A0 %7F %25 %3D %26 %3B").split()
    for _ in range(700):
        base = ["tenantid", "cust_id", "_method"][draw(3)]
        name = list(base)
        for _ in range(1 + draw(3)):
            where = [0, len(name), draw(len(name) + 1)][draw(3)]
            what = draw(5)
            if what == 0 and where < len(name):
                name[where] = name[where].upper()
            elif what == 1 and where < len(name) and len(name[where]) == 1:
                name[where] = every(name[where])
            else:
                name.insert(where, odd[draw(len(odd))])
        name = "".join(name)
        value = "DELETE" if base == "_method" else "gamma"
        right = "tenantid=alpha" if base == "_method" else f"{base}=alpha"
        yield [f"{name}={value}", f"{right}&{name}={value}", f"{name}={value}&{right}"][draw(3)]


def crossed(name):
    """Every beginning with every joint and every end."""
    begins = ["", "+", "%20", "%20%20", ".", "=", "_", "-", "%00", "]", "!", "$"]
    ends = ["[0]", "[x]", "[x", "[]", ".x", ".0", "%00x", "]x", "[0][1]", "[0]x", ".x[0]", "[0].x", "[x.y]", "+[0]", ".[0]", "%00[0]", "s[0]", "[%00]", "%5B0%5D", "%2Ex", "?x", "?[0]", "="]
    if name == "_method":
        middles = ["method"]
        begins += ["[", "+_", "._", "[_"]
    elif name == "cust_id":
        middles = [f"cust{joint}id" for joint in ["_", ".", "+", "%20", "[", "-", "", "%2E", "%5B", "[."]]
    else:
        middles = [name, "tenant.id", "tenant[id"]
    for middle in middles:
        for begin in begins if middle in (name, "method") else ["", "+", "%20"]:
            for end in ["", *ends]:
                yield begin + middle + end


def crowds(name):
    """Many pairs, and long names, around a right tenant."""
    right = f"{name}=alpha"
    for pair in ["a&", "&", "a=1&", "=&"]:
        for count in [19, 20, 21, 63, 64, 65, 99, 100, 101, 127, 128, 254, 255, 256, 257, 300, 511, 512, 513, 998, 999, 1000, 1001, 1023, 1024, 1025, 1100, 2000]:
            if count * len(pair) < 8000:
                yield pair * count + right
                if count > 250:
                    yield f"{right}&{pair * count}"
    for count in [254, 255, 256, 998, 1000, 1024]:
        yield f"{right}&{'a&' * count}{name}=gamma"
        yield f"{'a&' * count}a[]=1&{right}"
    for pair in ["a[]=1&", "a[b]=1&", "a.b=1&"]:
        for count in [20, 21, 25, 99, 100, 101, 255, 256]:
            yield f"{pair * count}{right}"
    for depth in [1, 5, 6, 20, 31, 32, 33, 64, 65, 99, 100, 101, 200]:
        for part in ["[b]", "[]", "[", ".b", "]"]:
            yield f"a{part * depth}=1&{right}"
            yield f"{name}{part * depth}=gamma"
    for length in [64, 100, 128, 200, 254, 255, 256, 257, 512, 1000, 1024, 4000, 7900]:
        yield f"{'a' * length}=1&{right}"
        yield f"{right}&{'a' * length}"
        yield f"a={'a' * length}&{right}"
        yield f"{name}{'a' * length}=gamma"
        yield f"{'_' * length}{name}=gamma"
        yield f"{name}{'%20' * (length // 3)}=gamma"


def all_queries():
    for name in [*TENANTS, "_method"]:
        value = "DELETE" if name == "_method" else "gamma"
        right = f"{name}=alpha" if name in TENANTS else "tenantid=alpha"
        # Every byte, encoded, before, behind and inside the name.
        inside = name.find("_", 1) if "_" in name[1:] else len(name) // 2
        for byte in range(256):
            here = f"%{byte:02X}"
            yield f"{here}{name}={value}"
            yield f"{name}{here}={value}"
            if byte < 0x30 or chr(byte) in "[].=&;?@_{|}" or byte == 0x7F:
                yield f"{name}{here}x={value}"
            yield f"{name[:inside]}{here}{name[inside + ('_' in name[1:]):]}={value}"
            if name == "_method":
                yield f"{here}method={value}"
        # Every byte that can be written as it is, likewise.
        for byte in range(0x21, 0x7F):
            here = chr(byte)
            yield f"{here}{name}={value}"
            yield f"{name}{here}={value}"
            yield f"{name}{here}x={value}"
            yield f"x=1&{here}{name}={value}&{right}"
            if name == "_method":
                yield f"{here}method={value}"
        names = [text.replace("N", name) if "N" in text else text for text in WRAPPED]
        names += SPELLED[name].split()
        for text in names:
            yield f"{text}={value}"
            yield f"{right}&{text}={value}"
            if name == "tenantid":
                yield f"{text}={value}&{right}"
        for text in [name, name.upper(), f"{name}[]", f"[{name}]", f"{name}.x", f"+{name}"]:
            for spelled in [every(text), every(text, "02x"), every(every(text)), text.replace("[", "%5b").replace("]", "%5d")]:
                yield f"{spelled}={value}"
                yield f"{right}&{spelled}={value}"
        yield from (text.replace("N", name).replace("gamma", value) for text in PAIRS)
        yield from (f"{text}={value}" for text in crossed(name))
        if name in TENANTS:
            yield from (f"{name}={text}" for text in VALUES)
            yield from crowds(name)
    for text in ["tenantid=alpha&cust_id=gamma", "cust_id=alpha&tenantid=gamma", "cust_id=alpha&tenantid=alpha", "x-tunneled-method=DELETE",
                 "tenantid=alpha&x-tunneled-method=DELETE", "", "&", "=", "&&&", "?", "??", "[]", "[", "]", "%", "+", "."]:
        yield text
    yield from mutations()


def printable(query):
    return all(" " <= c <= "~" for c in query)


if __name__ == "__main__":
    seen = dict.fromkeys(all_queries())
    assert all(map(printable, seen)), "one line a query"
    print("\n".join(seen))
