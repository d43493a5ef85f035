"""The network of a template, in moto: what compute environments name their subnets of."""

NETWORK = {
    f"AWS::EC2::{kind}"
    for kind in (
        "VPC",
        "Subnet",
        "RouteTable",
        "SubnetRouteTableAssociation",
        "Route",
        "InternetGateway",
        "VPCGatewayAttachment",
        "VPCEndpoint",
    )
}


class AnyAttribute(dict):
    """The attributes of what is not really there."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def __missing__(self, attribute: str) -> str:
        return f"{self._name}.{attribute}"


class Network:
    """How a deployment makes these resources; each is made once, and never changed."""

    def client(self, service: str):
        raise NotImplementedError

    def _ec2_vpc(self, name: str, properties: dict, before):
        if before is not None:
            return before.ref, before.attributes
        vpc = self.client("ec2").create_vpc(CidrBlock=properties["CidrBlock"])["Vpc"]["VpcId"]
        return vpc, AnyAttribute(name)

    def _ec2_subnet(self, name: str, properties: dict, before):
        ec2 = self.client("ec2")
        place = {key: properties[key] for key in ("VpcId", "CidrBlock", "AvailabilityZone")}
        subnet = ec2.create_subnet(**place)["Subnet"]["SubnetId"]
        public = properties.get("MapPublicIpOnLaunch", False)
        ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": public})
        return subnet, AnyAttribute(name)

    def _ec2_routetable(self, name: str, properties: dict, before):
        table = self.client("ec2").create_route_table(VpcId=properties["VpcId"])["RouteTable"]["RouteTableId"]
        return table, AnyAttribute(name)

    def _ec2_subnetroutetableassociation(self, name: str, properties: dict, before):
        return self.client("ec2").associate_route_table(**properties)["AssociationId"], {}

    def _ec2_internetgateway(self, name: str, properties: dict, before):
        return self.client("ec2").create_internet_gateway()["InternetGateway"]["InternetGatewayId"], {}

    def _ec2_vpcgatewayattachment(self, name: str, properties: dict, before):
        self.client("ec2").attach_internet_gateway(**properties)
        return name, {}

    def _ec2_route(self, name: str, properties: dict, before):
        self.client("ec2").create_route(**properties)
        return name, {}

    def _ec2_vpcendpoint(self, name: str, properties: dict, before):
        wanted = {key: properties[key] for key in ("VpcId", "ServiceName", "VpcEndpointType")}
        tables = properties.get("RouteTableIds", [])
        endpoint = self.client("ec2").create_vpc_endpoint(**wanted, RouteTableIds=tables)["VpcEndpoint"]
        return endpoint["VpcEndpointId"], {}
